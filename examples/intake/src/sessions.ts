import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { Settings } from './settings.ts';
import type { Intake } from './workflow.ts';

const hour = 3600;

/** Where sessions live between requests. Only the Redis one is known to every worker and host. */
export interface SessionStore {
  read(id: string): Promise<Intake | undefined>;
  write(id: string, intake: Intake): Promise<void>;
  /** Throws when the store can't be used now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export async function openSessionStore(settings: Settings): Promise<SessionStore> {
  if (settings.sessionStore === 'memory') return memoryStore();
  if (settings.sessionStore === 'file') return fileStore(path.join(tmpdir(), 'intake-sessions'));
  return redisStore(settings.redisUrl ?? '');
}

async function redisStore(url: string): Promise<SessionStore> {
  const client = new Redis(url, {
    // A command fails at once while there is no connection: a health check must not hang, nor a user wait.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2000),
  });
  client.on('error', (error) => console.error(`redis: ${error.message}`));
  // Without a store there is nothing to serve: it goes on trying, and is not healthy until it succeeds.
  await new Promise<void>((resolve) => client.once('ready', () => resolve()));
  return {
    async read(id) {
      const text = await client.get(`intake:session:${id}`);
      return text === null ? undefined : JSON.parse(text);
    },
    async write(id, intake) {
      await client.set(`intake:session:${id}`, JSON.stringify(intake), 'EX', hour);
    },
    async check() {
      await client.ping();
    },
    async close() {
      client.disconnect();
    },
  };
}

/** Kept by one worker: the next request may meet another one. */
function memoryStore(): SessionStore {
  const sessions = new Map<string, Intake>();
  return {
    read: async (id) => sessions.get(id),
    write: async (id, intake) => void sessions.set(id, intake),
    check: async () => {},
    close: async () => {},
  };
}

/** Kept on one host: the next request may meet another one. */
function fileStore(directory: string): SessionStore {
  return {
    async read(id) {
      try {
        return JSON.parse(await readFile(path.join(directory, `${id}.json`), 'utf8'));
      } catch {
        return undefined;
      }
    },
    async write(id, intake) {
      await mkdir(directory, { recursive: true });
      const draft = path.join(directory, `${id}.${process.pid}`);
      await writeFile(draft, JSON.stringify(intake), { mode: 0o600 });
      await rename(draft, path.join(directory, `${id}.json`));
    },
    check: async () => {},
    close: async () => {},
  };
}

/** Session cookies carry a random id and its signature, so that nobody can choose one. */
export const sessionCookie = {
  create: () => randomBytes(18).toString('hex'),

  header: (id: string, key: string, secure: boolean) =>
    `intake_session=${id}.${sign(id, key)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${hour}${secure ? '; Secure' : ''}`,

  /** The id, or undefined where there is no cookie or its signature is not ours. */
  parse(header: string | undefined, key: string): string | undefined {
    const match = /(?:^|;\s*)intake_session=([0-9a-f]{36})\.([0-9a-f]{64})(?:;|$)/.exec(header ?? '');
    const [, id = '', signature = ''] = match ?? [];
    if (match === null) return undefined;
    return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id, key))) ? id : undefined;
  },
};

function sign(id: string, key: string): string {
  return createHmac('sha256', key).update(id).digest('hex');
}
