import type { Settings } from '../../../infra/settings/config.ts';
import { AwsSecrets } from '../../adapters/aws/aws-secrets.ts';
import type { AwsWorld } from '../../adapters/aws/aws-service.ts';
import { loginCredentials } from '../../adapters/aws/login-credentials.ts';
import { RedisAppUser } from '../../adapters/aws/redis-app-user.ts';
import { listUpstreamFirst, loadSettings } from '../../adapters/settings/settings-files.ts';
import { systemClock } from '../../adapters/terminal/system-clock.ts';
import type { Context } from '../../console/command.ts';
import { type LockstepError, refused, usage } from '../../domain/errors.ts';
import type { Actor } from '../../workflows/environment/environment.ts';
import { actorOf } from '../contract/actor.ts';
import type { RedisLogin, Target } from '../contract/target.ts';

/**
 * Environments in AWS, for whoever is logged in, in the account and region of their settings. AWS is not
 * called before the first use.
 */
export class AwsTarget implements Target {
  readonly kind = 'aws';
  readonly #context: Context;
  readonly #world: AwsWorld;
  #actor: Actor | undefined;

  constructor(context: Context) {
    const { environment, signal } = context;
    this.#context = context;
    this.#world = { environment, signal, credentials: loginCredentials() };
  }

  get actor(): Actor {
    this.#actor ??= actorOf(this.#context.environment);
    return this.#actor;
  }

  environments(): Promise<readonly string[]> {
    return listUpstreamFirst(this.#context.options.project, systemClock.now());
  }

  async open(): Promise<never> {
    throw notBuiltIn('environments');
  }

  async builder(): Promise<never> {
    throw notBuiltIn('builds');
  }

  async secrets(environment: string): Promise<AwsSecrets> {
    return this.#secretsOf(environment, await this.#settings(environment));
  }

  async redisLogin(environment: string): Promise<RedisLogin> {
    const settings = await this.#settings(environment);
    const { source } = settings.redis;
    if (source !== 'create') {
      throw refused(`redis.source is ${source}: Lockstep does not manage a user in that Redis`, {
        fix: 'Change the password where that Redis is managed, then store it: lockstep secret set ENV NAME --target aws.',
      });
    }
    const { region } = settings.identity;
    const user = new RedisAppUser({ app: settings.app.name, environment, region }, this.#world);
    return { secrets: this.#secretsOf(environment, settings), user };
  }

  /** Lenient: a listed difference past its date must not keep a leaked password in use. */
  #settings(environment: string): Promise<Settings> {
    return loadSettings(this.#context.options.project, environment, systemClock.now(), { lenient: true });
  }

  #secretsOf(environment: string, settings: Settings): AwsSecrets {
    const { account, region } = settings.identity;
    const { name: app, secrets: declared } = settings.app;
    const place = { app, environment, account, region, declared };
    const warn = (text: string) => this.#context.reporter.warn(text);
    return new AwsSecrets(async () => place, { ...this.#world, warn });
  }
}

function notBuiltIn(what: string): LockstepError {
  return usage(
    `--target aws does not support ${what} yet: this version supports them on the local target only`,
    {
      fix: 'Leave --target out, or write --target local.',
    },
  );
}
