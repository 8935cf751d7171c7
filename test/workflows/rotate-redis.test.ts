import { beforeEach, describe, expect, test } from 'vitest';
import type { Reporter } from '../../scripts/workflows/ports/reporter.ts';
import type { RedisUser, RotatableSecrets } from '../../scripts/workflows/ports/secrets.ts';
import { rotateRedis } from '../../scripts/workflows/rotate-redis.ts';

const reporter: Reporter = { step: (_, work) => work(() => {}), info: () => {}, warn: () => {} };

/**
 * A Redis with two places for passwords, and versions of one secret. `before` runs before a step takes
 * effect, `after` when it has.
 */
class World implements RotatableSecrets, RedisUser {
  versions: string[] = [];
  accepted: readonly string[] = [];
  readonly steps: string[] = [];
  /** Nobody else rotates: Redis takes the newest version at any time. */
  alone = true;
  before: (step: string) => unknown = () => {};
  after: (step: string) => unknown = () => {};

  async newestValues(_environment: string, _name: string, count: number) {
    return this.versions
      .map((value, index) => ({ version: index + 1, value }))
      .toReversed()
      .slice(0, count);
  }

  async set(_environment: string, name: string, value: string): Promise<number> {
    return await this.#step(`set ${name}`, () => this.versions.push(value));
  }

  async accept(passwords: readonly string[]): Promise<void> {
    await this.#step(`accept ${passwords.length}`, () => {
      this.accepted = passwords;
    });
  }

  async #step<T>(step: string, work: () => T): Promise<T> {
    await this.before(step);
    this.steps.push(step);
    const result = work();
    if (this.alone) expect(this.accepted).toContain(this.versions.at(-1) ?? this.accepted[0]);
    await this.after(step);
    return result;
  }

  rotate() {
    return rotateRedis({ environment: 'staging', secrets: this, user: this, reporter });
  }
}

/** The ports are fakes: what ElastiCache takes and when its nodes know it is not shown here. */
describe("a rotation of Redis's password, with fakes of both sides", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  test('begins with no password and ends with one that both sides know', async () => {
    expect(await world.rotate()).toEqual({ version: 1 });
    expect(world.steps).toEqual(['accept 1', 'set REDIS_PASSWORD', 'accept 1']);
    expect(world.accepted).toEqual(world.versions);
    expect(world.versions[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('lets Redis accept the new one before any host can get it, and keeps the one in use until the next', async () => {
    for (let version = 1; version <= 4; version++) expect(await world.rotate()).toEqual({ version });
    expect(world.steps.slice(-3)).toEqual(['accept 2', 'set REDIS_PASSWORD', 'accept 2']);
    expect(world.accepted).toEqual([world.versions[3], world.versions[2]]);
    expect(new Set(world.versions).size).toBe(4);
  });

  test.each([1, 2, 3])(
    'run again after a death at step %i converges, and never leaves the one in use behind',
    async (at) => {
      await world.rotate();
      const [inUse] = world.versions;
      for (const moment of ['before', 'after'] as const) {
        let steps = 0;
        world[moment] = () => {
          steps += 1;
          if (steps === at) throw new Error('the machine died');
        };
        await expect(world.rotate()).rejects.toThrow('the machine died');
        world[moment] = () => {};
        if (world.versions.length === 1) expect(world.accepted).toContain(inUse);
        expect(world.accepted).toContain(world.versions.at(-1));
        const { version } = await world.rotate();
        expect(version).toBe(world.versions.length);
        expect(world.accepted).toEqual(world.versions.slice(-2).toReversed());
      }
    },
  );

  test.each(['accept 2', 'set REDIS_PASSWORD'])(
    'of two people at once, one before the step "%s" of the other, both end with what Redis takes',
    async (step) => {
      await world.rotate();
      const second = new World();
      world.alone = false;
      world.before = async (reached) => {
        if (reached !== step) return;
        world.before = () => {};
        second.versions = world.versions;
        second.accepted = world.accepted;
        await second.rotate();
        world.accepted = second.accepted;
      };
      expect(await world.rotate()).toEqual({ version: 3 });
      expect(world.accepted).toEqual([world.versions[2], world.versions[1]]);
    },
  );

  test('leaves out what ElastiCache can never have taken', async () => {
    world.versions = ['short'];
    world.alone = false;
    await world.rotate();
    expect(world.steps).toEqual(['accept 1', 'set REDIS_PASSWORD', 'accept 1']);
  });
});
