import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { environmentKeyAlias, parameterPath, tagsOf } from '../../../infra/stack/naming.ts';
import { errored, refused } from '../../domain/errors.ts';
import {
  labelOf,
  newestVersion,
  numberedVersions,
  type SecretLabels,
  versionsToRetire,
} from '../../domain/secrets/secret-labels.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import { checkSecretName, checkSecretValue } from '../../domain/secrets/secret-rules.ts';
import type { RotatableSecrets, SecretStore } from '../../workflows/ports/secrets.ts';
import { checkAccount } from './aws-account.ts';
import { type AwsCall, AwsService, type AwsWorld } from './aws-service.ts';

/**
 * Where an environment keeps its secrets. `declared`: the names that its hosts may read (`app.secrets` of the
 * settings).
 */
export type SecretPlace = {
  app: string;
  environment: string;
  account: string;
  region: string;
  declared: readonly string[];
};

type Opened = { place: SecretPlace; service: AwsService };

const describedSchema = z.object({
  DeletedDate: z.unknown().optional(),
  VersionIdsToStages: z.record(z.string(), z.array(z.string())).optional(),
});
const valueSchema = z.object({ SecretString: z.string() });
/** Each round that is lost was won by somebody else. */
const mostRounds = 20;
/** Somebody else gave the number, took a label, or filled the last place for one. */
const lostRaces = [
  ...['InvalidParameterException', 'InvalidRequestException'],
  ...['LimitExceededException', 'ResourceNotFoundException'],
];
/** `warn`: what the person who sets should know. */
export type SecretsWorld = AwsWorld & { warn?: (text: string) => void };

/**
 * Secrets of environments in AWS Secrets Manager: `/lockstep/<app>/<environment>/secrets/<NAME>`, version n
 * under the staging label `v<n>`, where hosts look for them (host/aws-secrets.ts). Only names that the
 * settings declare: hosts may read no others, and one description of each is always up to date, which lists
 * of Secrets Manager are only after minutes (ListSecrets).
 *
 * One number never names two values, whoever sets at the same time. `PutSecretValue` would take a label from
 * the version that bears it, so it isn't told a number: it stores the value under a token of its own, which
 * becomes the version's id, and sending it again after an answer that was lost does nothing. Then
 * `UpdateSecretVersionStage` gives `v<n>` without saying from whom: AWS refuses that where another version
 * bears the label, and the loser reads again and takes the next number. What is stored without a number,
 * after a crash in between, no host can ask for, and AWS deletes it in time.
 *
 * The newest 18 versions stay; before one more the oldest loses its label and is retired
 * (domain/secret-labels.ts). A secret that AWS has deleted for good begins with 1 again: the cloud program
 * protects secrets.
 */
export class AwsSecrets implements SecretStore, RotatableSecrets {
  readonly #placeOf: (environment: string) => Promise<SecretPlace>;
  readonly #world: SecretsWorld;
  readonly #opened = new Map<string, Opened>();

  constructor(placeOf: (environment: string) => Promise<SecretPlace>, world: SecretsWorld) {
    this.#placeOf = placeOf;
    this.#world = world;
  }

  async current(environment: string): Promise<readonly SecretReference[]> {
    const at = await this.#open(environment);
    const found: SecretReference[] = [];
    for (const name of at.place.declared.toSorted()) {
      const version = newestVersion((await this.#labels(at, name)) ?? {});
      if (version > 0) found.push({ name, version });
    }
    return found;
  }

  async has(environment: string, { name, version }: SecretReference): Promise<boolean> {
    const labels = await this.#labels(await this.#open(environment), name);
    return numberedVersions(labels ?? {}).some((each) => each.version === version);
  }

  /** @throws LockstepError refused for a name that isn't declared */
  async newestValues(environment: string, name: string, count: number) {
    const at = await this.#open(environment);
    if (!at.place.declared.includes(name)) throw undeclared(at.place, name);
    const numbered = numberedVersions((await this.#labels(at, name)) ?? {}).toReversed();
    const found: { version: number; value: string }[] = [];
    for (const { version } of numbered.slice(0, count)) {
      const value = await this.#value(at, name, version);
      if (value !== undefined) found.push({ version, value });
    }
    return found;
  }

  /**
   * As for every target: adds a version and answers its number; the value that is already the newest makes
   * none. The container is the cloud program's; where it hasn't made it yet, it is made as the program would.
   *
   * @throws LockstepError usage for a name or value that can't be one, refused for a name that isn't
   * declared; no message holds the value
   */
  async set(environment: string, name: string, value: string): Promise<number> {
    checkSecretName(name);
    checkSecretValue(name, value);
    const at = await this.#open(environment);
    if (!at.place.declared.includes(name)) throw undeclared(at.place, name);
    if ((await this.#labels(at, name)) === undefined) await this.#create(at, name);
    let stored: string | undefined;
    let compared = 0;
    let lost = '';
    for (let round = 0; round < mostRounds; round++) {
      const labels = (await this.#labels(at, name)) ?? {};
      const mine = numberedVersions(labels).find(({ id }) => id === stored);
      if (mine !== undefined) {
        await this.#makeNewestCurrent(at, name, labels);
        return mine.version;
      }
      const newest = newestVersion(labels);
      if (newest > compared && (await this.#value(at, name, newest)) === value) return newest;
      compared = newest;
      const retired = versionsToRetire(name, labels);
      stored ??= await this.#store(at, name, value);
      for (const { version, id } of retired) {
        await this.#moveLabel(at, name, { VersionStage: labelOf(version), RemoveFromVersionId: id });
      }
      const claim = { VersionStage: labelOf(newest + 1), MoveToVersionId: stored };
      lost = await this.#moveLabel(at, name, claim);
      if (lost === 'ResourceNotFoundException') stored = undefined;
    }
    throw errored(`${name} of ${environment} got no number in ${mostRounds} tries: ${lost}`, {
      fix: 'Others may be setting it: run the command again.',
      retry: true,
    });
  }

  async #open(environment: string): Promise<Opened> {
    const known = this.#opened.get(environment);
    if (known !== undefined) return known;
    const place = await this.#placeOf(environment);
    await checkAccount(place, this.#world);
    const opened = { place, service: new AwsService('secretsmanager', place.region, this.#world) };
    this.#opened.set(environment, opened);
    return opened;
  }

  /** Undefined where there is no such secret. */
  async #labels(at: Opened, name: string): Promise<SecretLabels | undefined> {
    const id = idOf(at.place, name);
    const missing = 'ResourceNotFoundException';
    const answer = await at.service.json(
      { action: 'DescribeSecret', doing: `looking at ${name}`, understood: [missing] },
      { SecretId: id },
    );
    if (answer.code === missing) return undefined;
    const described = describedSchema.safeParse(answer.value);
    if (!described.success) throw errored(`Secrets Manager did not describe ${id}`);
    const { DeletedDate: deleted, VersionIdsToStages: labels = {} } = described.data;
    if (deleted === undefined || deleted === null) return labels;
    throw refused(`${id} is marked for deletion`, {
      fix: `Bring it back: aws secretsmanager restore-secret --region ${at.place.region} --secret-id ${id}`,
    });
  }

  async #value(at: Opened, name: string, version: number): Promise<string | undefined> {
    const missing = 'ResourceNotFoundException';
    const answer = await at.service.json(
      { action: 'GetSecretValue', doing: `reading ${name}`, understood: [missing] },
      { SecretId: idOf(at.place, name), VersionStage: labelOf(version) },
    );
    return answer.code === missing ? undefined : valueSchema.safeParse(answer.value).data?.SecretString;
  }

  /** Without a value, so that the first version is stored as every other. */
  async #create({ place, service }: Opened, name: string): Promise<void> {
    const { code } = await service.json(
      { action: 'CreateSecret', doing: `making ${name}`, understood: ['ResourceExistsException'] },
      {
        Name: idOf(place, name),
        ClientRequestToken: randomUUID(),
        Description: 'Set by `lockstep secret set`; only its container is declared',
        KmsKeyId: environmentKeyAlias(place),
        Tags: Object.entries(tagsOf(place)).map(([Key, Value]) => ({ Key, Value })),
      },
    );
    if (code !== '') return;
    this.#world.warn?.(
      `The cloud program had not made ${idOf(place, name)} yet: import it (pulumi import) before the next pulumi up.`,
    );
  }

  /** Answers the id of the new version. */
  async #store({ place, service }: Opened, name: string, value: string): Promise<string> {
    const token = randomUUID();
    await service.json(
      { action: 'PutSecretValue', doing: `storing ${name}`, hidden: [value] },
      { SecretId: idOf(place, name), ClientRequestToken: token, SecretString: value },
    );
    return token;
  }

  /** Answers the code of a refusal that only says that somebody else was quicker, or an empty one. */
  async #moveLabel({ place, service }: Opened, name: string, move: LabelMove): Promise<string> {
    const call: Omit<AwsCall, 'headers' | 'body'> = {
      action: 'UpdateSecretVersionStage',
      doing: `numbering ${name}`,
      understood: lostRaces,
    };
    return (await service.json(call, { SecretId: idOf(place, name), ...move })).code;
  }

  /** Of two setters the one that stored last may have got the lower number. Only people read AWSCURRENT. */
  async #makeNewestCurrent(at: Opened, name: string, labels: SecretLabels): Promise<void> {
    const newest = numberedVersions(labels).at(-1)?.id;
    const [current] = Object.entries(labels).find(([, borne]) => borne.includes('AWSCURRENT')) ?? [];
    if (newest === undefined || current === undefined || newest === current) return;
    await this.#moveLabel(at, name, {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: newest,
      RemoveFromVersionId: current,
    });
  }
}

type LabelMove = { VersionStage: string; MoveToVersionId?: string; RemoveFromVersionId?: string };

/** What hosts ask for. */
export function idOf(place: Pick<SecretPlace, 'app' | 'environment'>, name: string): string {
  return parameterPath(place, `secrets/${name}`);
}

function undeclared({ environment, declared }: SecretPlace, name: string) {
  return refused(`${name} is not declared: hosts of ${environment} could not read it`, {
    details: [`declared: ${declared.join(', ') || 'none'}`],
    fix: `Add ${name} to app.secrets in Pulumi.yaml, or write one of the names there.`,
  });
}
