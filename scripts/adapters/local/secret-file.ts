import { constants } from 'node:fs';
import { chmod, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { nameSchema } from '../../../infra/settings/config.ts';
import { errored, refused, usage } from '../../domain/errors.ts';
import { jsonIn } from '../../domain/json-text.ts';
import {
  newestSecrets,
  type SecretFile,
  secretFileSchema,
  secretValue,
} from '../../domain/secrets/secret-file.ts';
import type { SecretReference } from '../../domain/secrets/secret-reference.ts';
import { checkSecretName, checkSecretValue } from '../../domain/secrets/secret-rules.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { codeOf } from '../../machine/system-error.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import { ProcessLock } from '../../store/process-lock.ts';
import type { SecretStore } from '../../workflows/ports/secrets.ts';
import { makeStateDirectory } from './state-directory.ts';

/** Where the local target keeps an environment's secrets; the agent reads the same file. */
export function secretFileOf(project: string, environment: string): string {
  if (!nameSchema.safeParse(environment).success) {
    throw usage(`${JSON.stringify(environment)} is not a valid environment name`, {
      fix: 'Use lower-case letters and digits, and single - between them, at most 31 characters.',
    });
  }
  return path.join(project, '.lockstep', 'secrets', `${environment}.json`);
}

/**
 * Secrets of the local target: one file of mode 0600 for each environment under
 * `<project>/.lockstep/secrets/`.
 */
export class FileSecrets implements SecretStore {
  readonly #project: string;

  constructor(project: string) {
    this.#project = project;
  }

  async current(environment: string): Promise<readonly SecretReference[]> {
    return newestSecrets(await this.#read(environment));
  }

  async has(environment: string, reference: SecretReference): Promise<boolean> {
    return secretValue(await this.#read(environment), reference) !== undefined;
  }

  /**
   * Adds a version and answers its number. The value that is already the newest makes none: it would roll
   * every host for nothing.
   *
   * @throws LockstepError usage for a name or value that can't be one; neither message holds the value
   */
  async set(environment: string, name: string, value: string): Promise<number> {
    checkSecretName(name);
    checkSecretValue(name, value);
    const file = secretFileOf(this.#project, environment);
    await makeStateDirectory(this.#project);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    // A directory from before, or made under another umask: names of secrets are nobody else's business
    // either.
    await chmod(path.dirname(file), 0o700);
    const change = async () => {
      const secrets = await this.#read(environment);
      const versions = Object.hasOwn(secrets, name) ? (secrets[name] ?? {}) : {};
      const newest = Math.max(0, ...Object.keys(versions).map(Number));
      if (versions[String(newest)] === value) return newest;
      const next: SecretFile = { ...secrets, [name]: { ...versions, [String(newest + 1)]: value } };
      await writeAtomically(file, `${JSON.stringify(next, null, 2)}\n`);
      return newest + 1;
    };
    return this.#lock(environment).during('secret set', change, { patienceSeconds: 60 });
  }

  #lock(environment: string): ProcessLock {
    const state = new DirectoryStore(path.join(this.#project, '.lockstep', 'state'));
    return new ProcessLock(state, `secrets/${environment}.json`, `the file of secrets of ${environment}`);
  }

  async #read(environment: string): Promise<SecretFile> {
    return readSecretFile(secretFileOf(this.#project, environment));
  }
}

/**
 * An absent file holds no secrets.
 * @throws LockstepError refused where others may read the file, errored where it is damaged
 */
async function readSecretFile(file: string): Promise<SecretFile> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) === 'ELOOP') {
      throw refused(`${file} is a link`, { fix: 'Put the file itself there.', cause: error });
    }
    throw error;
  });
  if (handle === undefined) return {};
  try {
    const status = await handle.stat();
    const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
    if ((status.mode & 0o077) !== 0) {
      throw refused(`${file} has mode ${mode}: others may read the secrets; allowed is 0600`, {
        fix: `Run \`chmod 600 ${file}\`, and set again whatever others may have read.`,
      });
    }
    const parsed = secretFileSchema.safeParse(jsonIn(await handle.readFile('utf8')));
    if (parsed.success) return parsed.data;
    // Without zod's own words: they could quote what stands in the file.
    throw errored(`${file} does not hold secrets as name -> version -> value`, {
      fix: 'Move it away and set the secrets again.',
    });
  } finally {
    await handle.close();
  }
}
