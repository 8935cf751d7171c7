import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { errored, refused } from '../../domain/errors.ts';
import { keyIdOf, type Signature, type SignedKind, signedBytes } from '../../domain/signature.ts';
import { removeQuietly } from '../../machine/atomic-file.ts';
import { syncDirectory } from '../../machine/directory.ts';
import { codeOf, ignoring } from '../../machine/system-error.ts';
import type { KeyRole, Signer } from '../../store/signer.ts';

/**
 * Ed25519 keys as files: `<role>.key` (PKCS#8, 0600) and `<role>.pub` (SPKI), made when they are first asked
 * for. The private key is the truth; the public file is for people and is written anew where it is missing.
 */
export class FileSigner implements Signer {
  readonly directory: string;
  readonly #keys = new Map<string, Promise<string>>();

  constructor(directory: string) {
    this.directory = directory;
  }

  async sign(key: KeyRole, kind: SignedKind, digest: string): Promise<Signature> {
    const privateKey = await this.#privateKey(key);
    const value = sign(null, signedBytes(kind, digest), privateKey).toString('base64');
    return { key: keyIdOf(publicHalf(privateKey)), value };
  }

  async publicKey(key: KeyRole): Promise<string> {
    return publicHalf(await this.#privateKey(key));
  }

  #privateKey(role: KeyRole): Promise<string> {
    const name = fileNameOf(role);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const loading = this.#load(name);
    this.#keys.set(name, loading);
    loading.catch(() => this.#keys.delete(name));
    return loading;
  }

  async #load(name: string): Promise<string> {
    const file = path.join(this.directory, `${name}.key`);
    const found = (await readPrivate(file)) ?? (await this.#create(file));
    const publicFile = path.join(this.directory, `${name}.pub`);
    await publish(publicFile, publicHalf(found), 0o644);
    return found;
  }

  /** Two first users at once: one link wins, both go on with the winner's key. */
  async #create(file: string): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await publish(file, privateKey, 0o600);
    const winner = await readPrivate(file);
    if (winner === undefined) throw errored(`${file} vanished while it was made`, { retry: true });
    return winner;
  }
}

function fileNameOf(role: KeyRole): string {
  if (role.role === 'build') return 'build';
  if (!/^[a-z][a-z0-9-]*$/.test(role.environment)) {
    throw new TypeError(`not the name of an environment: ${JSON.stringify(role.environment)}`);
  }
  return `${role.role}-${role.environment}`;
}

function publicHalf(privateKey: string): string {
  return createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' }).toString();
}

async function readPrivate(file: string): Promise<string | undefined> {
  const handle = await ignoring(['ENOENT'], () => open(file, constants.O_RDONLY | constants.O_NOFOLLOW));
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      const found = (mode & 0o777).toString(8).padStart(4, '0');
      throw refused(`the private key ${file} has mode ${found}: others may read it; allowed is 0600`, {
        fix: `If nobody else can have read it: chmod 600 ${file}. Otherwise make a new one.`,
      });
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Creates the file whole and once; does nothing where one stands. */
async function publish(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await link(temporary, file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await handle.close();
    await removeQuietly(temporary);
  }
}
