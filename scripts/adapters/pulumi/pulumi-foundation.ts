import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type FoundationSettings, foundationSchema } from '../../../infra/foundation/settings.ts';
import { renderProblem } from '../../../infra/settings/problems/problems.ts';
import { hubNames } from '../../../infra/stack/naming.ts';
import type { FoundationState } from '../../domain/bootstrap-plan.ts';
import { errored, LockstepError, messageOf, usage } from '../../domain/errors.ts';
import type { CommittedKey, StateKey } from '../../domain/state-key.ts';
import { ignoring } from '../../machine/system-error.ts';
import type { FoundationEngine } from '../../workflows/ports/foundation.ts';
import { type RunOptions, run } from '../processes/shell.ts';
import { pulumiYaml } from '../settings/settings-text.ts';
import { isUnchanged, readEngineReport } from './engine-events.ts';

type Place = 'local' | 'remote';
export type PulumiWorld = Pick<RunOptions, 'environment' | 'onLine'> & { signal: AbortSignal };

const stack = 'hub';
const engineVersion = '3.270.0';
const stackList = z.array(z.object({ name: z.string(), resourceCount: z.int().default(0) }));
const exportSchema = z.object({
  deployment: z.object({
    secrets_providers: z
      .object({ type: z.string(), state: z.object({ url: z.string(), encryptedkey: z.string() }).partial() })
      .nullish(),
  }),
});
const committedKeySchema = z.object({ secretsprovider: z.string(), encryptedkey: z.string() }).partial();

/** @throws LockstepError usage for settings that are missing or wrong. */
export async function readFoundation(project: string): Promise<FoundationSettings> {
  const { file, content } = await readSettings(path.join(project, 'infra/foundation'));
  const config = z.object({ config: z.record(z.string(), z.unknown()) }).safeParse(content);
  const parsed = foundationSchema.safeParse(config.data?.config['lockstep-foundation:settings']);
  if (parsed.success) return parsed.data;
  const details = z.prettifyError(parsed.error).split('\n');
  throw usage(`${file} is not what it should be`, { details, fix: 'Correct lockstep-foundation:settings.' });
}

async function readSettings(directory: string): Promise<{ file: string; content: unknown }> {
  const file = path.join(directory, `Pulumi.${stack}.yaml`);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const fix = 'Give the directory of the infrastructure repository with --project.';
    throw usage(`${file} can't be read`, { fix, cause });
  });
  const { value, problems } = pulumiYaml(text, file, 'lockstep-foundation:');
  if (problems.length === 0) return { file, content: value };
  const details = problems.map(renderProblem);
  throw usage(`${file} is not what it should be`, { details, fix: 'Correct what is listed.' });
}

/**
 * The command `pulumi`, in the foundation's project. It takes AWS credentials of the hub's account from the
 * environment.
 */
export class PulumiFoundation implements FoundationEngine {
  readonly #directory: string;
  readonly #stateDirectory: string;
  readonly #bucket: string;
  readonly #secretsProvider: string;
  readonly #world: PulumiWorld;

  constructor(project: string, { hub }: FoundationSettings, world: PulumiWorld) {
    this.#directory = path.join(project, 'infra/foundation');
    this.#stateDirectory = path.join(project, '.lockstep/foundation');
    this.#bucket = `s3://${hubNames.stateBucket(hub)}?region=${hub.region}`;
    this.#secretsProvider = `awskms://${hubNames.stateKeyAlias()}?region=${hub.region}`;
    this.#world = world;
  }

  async check(): Promise<void> {
    try {
      await this.#pulumi('local', ['version']);
    } catch (error) {
      if (this.#world.signal.aborted || !(error instanceof LockstepError)) throw error;
      throw errored('`pulumi` is not on the PATH', {
        fix:
          `Install Pulumi ${engineVersion}: curl -fsSL https://get.pulumi.com | sh -s -- --version ${engineVersion} ` +
          '(then put ~/.pulumi/bin on the PATH), or brew install pulumi/tap/pulumi.',
        cause: error,
      });
    }
  }

  async state(place: Place): Promise<FoundationState> {
    try {
      const list = await this.#pulumi(place, ['stack', 'ls', '--json']);
      const found = stackList.parse(JSON.parse(list)).find(({ name }) => name.split('/').at(-1) === stack);
      if (found === undefined) return 'absent';
      return found.resourceCount > 0 ? 'full' : 'empty';
    } catch (error) {
      // The one failure that is an answer: the bucket is yet to be made.
      if (place === 'remote' && /NoSuchBucket|bucket does not exist/i.test(wordsOf(error))) return 'absent';
      throw error;
    }
  }

  async stateKey(): Promise<StateKey> {
    const exported = await this.#pulumi('remote', ['stack', 'export', '--stack', stack]);
    const { type, state } = exportSchema.parse(JSON.parse(exported)).deployment.secrets_providers ?? {};
    if (type !== 'cloud' || state?.url === undefined || state.encryptedkey === undefined) return 'passphrase';
    return { url: state.url, encryptedKey: state.encryptedkey };
  }

  async committedKey(): Promise<CommittedKey> {
    const { content } = await readSettings(this.#directory);
    return committedKeySchema.catch({}).parse(content);
  }

  async create(place: Place): Promise<void> {
    await this.#pulumi(place, ['stack', 'init', stack, '--secrets-provider', 'passphrase']);
  }

  async up(place: Place): Promise<{ changed: boolean }> {
    const words = ['up', '--stack', stack, '--yes', '--skip-preview', '--json'];
    return { changed: !isUnchanged(readEngineReport(await this.#pulumi(place, words))) };
  }

  async migrate(): Promise<void> {
    const file = path.join(this.#stateDirectory, 'export.json');
    await this.#pulumi('local', ['stack', 'export', '--stack', stack, '--file', file]);
    await this.#pulumi('remote', ['stack', 'import', '--stack', stack, '--file', file]);
  }

  async encrypt(): Promise<void> {
    const change = ['stack', 'change-secrets-provider', this.#secretsProvider];
    await this.#pulumi('remote', [...change, '--stack', stack]);
  }

  async forgetLocal(): Promise<void> {
    await rm(this.#stateDirectory, { recursive: true, force: true });
  }

  async #pulumi(place: Place, words: readonly string[]): Promise<string> {
    await mkdir(this.#stateDirectory, { recursive: true, mode: 0o700 });
    const command = ['pulumi', ...words, '--non-interactive'];
    const chunks: Buffer[] = [];
    try {
      const { exitCode, tail } = await run(command, {
        cwd: this.#directory,
        ...this.#world,
        onOutput: (bytes) => chunks.push(bytes),
        environment: {
          ...this.#world.environment,
          PULUMI_BACKEND_URL: this.#backend(place),
          // The foundation has no secrets: while its state is here, an empty passphrase stands for a key.
          PULUMI_CONFIG_PASSPHRASE: '',
          PULUMI_SKIP_UPDATE_CHECK: 'true',
        },
      });
      const output = Buffer.concat(chunks).toString('utf8');
      if (exitCode === 0) return output;
      if (tail.some((line) => line.includes('the stack is currently locked')))
        throw this.#locked(place, tail);
      throw errored(`${command.join(' ')} failed with ${exitCode ?? 'a signal'}`, {
        // With --json the engine says on standard output what was wrong.
        details: [...readEngineReport(output).errors, ...tail],
      });
    } finally {
      // Where nothing was kept here, nothing stays.
      await ignoring(['ENOTEMPTY', 'ENOENT', 'EEXIST'], () => rmdir(this.#stateDirectory));
    }
  }

  #backend(place: Place): string {
    return place === 'local' ? `file://${this.#stateDirectory}` : this.#bucket;
  }

  #locked(place: Place, details: readonly string[]): LockstepError {
    const environment = `PULUMI_BACKEND_URL=${quoted(this.#backend(place))} PULUMI_CONFIG_PASSPHRASE=`;
    return errored('another run holds the lock of the foundation, or was killed and left it', {
      details,
      fix:
        'Wait for the process that is named above. If it is gone, type: ' +
        `${environment} pulumi cancel ${stack} --yes --cwd ${quoted(this.#directory)}`,
    });
  }
}

function wordsOf(error: unknown): string {
  return [messageOf(error), ...(error instanceof LockstepError ? error.details : [])].join('\n');
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
