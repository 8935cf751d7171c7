import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical.ts';
import { type Order, orderSchema } from '../../domain/order/order.ts';
import { activationsToRemove, nextActivation, parseActivation } from '../../domain/release/retention.ts';
import { secretReferenceSchema } from '../../domain/secrets/secret-reference.ts';
import { type Signed, signedSchema } from '../../domain/signature.ts';
import { writeAtomically } from '../../machine/atomic-file.ts';
import { ensureDirectory, namesIn, removeTree } from '../../machine/directory.ts';
import { linkTarget, swapLink } from '../../machine/link.ts';
import { hostPaths } from '../place/host.ts';

const valuesSchema = z.record(z.string(), z.string());
const factsSchema = z.strictObject({
  activatedAt: z.iso.datetime(),
  /** Names of the order's env values. */
  config: z.array(z.string()),
  secrets: z.array(secretReferenceSchema),
  /** As composed on this host; may hold passwords. */
  bindings: valuesSchema,
});

/**
 * What an activation says of itself, read back from its files. `environments`: service -> its whole
 * environment.
 */
export type Activation = {
  name: string;
  directory: string;
  order: Order;
  /** Name of the release copy that it links to. */
  release: string;
  facts: z.infer<typeof factsSchema>;
  environments: Record<string, Record<string, string>>;
};

export type NewActivation = {
  signed: Signed<Order>;
  /** Name of the release copy. */
  release: string;
  facts: z.infer<typeof factsSchema>;
  environments: Readonly<Record<string, Record<string, string>>>;
};

/**
 * `<root>/activations` and the link `<root>/current`: release, order and environment of the services,
 * together. An activation is written once under a temporary name; code and env values switch in the one
 * rename of the link.
 */
export class Activations {
  readonly #root: string;
  readonly #directory: string;

  constructor(root: string) {
    this.#root = root;
    this.#directory = hostPaths(root).activations;
  }

  /** Undefined on an idle host. */
  async current(): Promise<Activation | undefined> {
    const target = await linkTarget(hostPaths(this.#root).current);
    return target === undefined ? undefined : this.read(path.basename(target));
  }

  /**
   * Undefined where it isn't there or was made unreadable by hand: nothing can be said of what it stands for.
   */
  async read(name: string): Promise<Activation | undefined> {
    return this.#read(name).catch(() => undefined);
  }

  async #read(name: string): Promise<Activation | undefined> {
    if (parseActivation(name) === undefined) return undefined;
    const directory = path.join(this.#directory, name);
    const json = async (file: string): Promise<unknown> =>
      JSON.parse(await readFile(path.join(directory, file), 'utf8'));
    const release = await linkTarget(path.join(directory, 'release'));
    if (release === undefined) return undefined;
    const environments: Activation['environments'] = {};
    for (const file of await namesIn(path.join(directory, 'environment'))) {
      const values = valuesSchema.parse(await json(path.join('environment', file)));
      environments[path.basename(file, '.json')] = values;
    }
    return {
      name,
      directory,
      order: signedSchema(orderSchema).parse(await json('order.json')).payload,
      release: path.basename(release),
      facts: factsSchema.parse(await json('activation.json')),
      environments,
    };
  }

  /** Writes it whole and answers its name; `current` is not touched. */
  async write(activation: NewActivation): Promise<string> {
    await ensureDirectory(this.#directory, 0o700);
    await this.#sweep();
    const { number } = activation.signed.payload;
    const name = nextActivation(await namesIn(this.#directory), number);
    const temporary = path.join(this.#directory, `${name}.tmp`);
    await ensureDirectory(path.join(temporary, 'environment'), 0o700);
    const put = (file: string, value: unknown) =>
      writeAtomically(path.join(temporary, file), `${canonicalJson(value)}\n`);
    await swapLink(path.join(temporary, 'release'), path.join('..', '..', 'releases', activation.release));
    await put('order.json', activation.signed);
    await put('activation.json', activation.facts);
    for (const [service, values] of Object.entries(activation.environments))
      await put(path.join('environment', `${service}.json`), values);
    await rename(temporary, path.join(this.#directory, name));
    return name;
  }

  async makeCurrent(name: string): Promise<void> {
    await swapLink(hostPaths(this.#root).current, path.join('activations', name));
  }

  async clearCurrent(): Promise<void> {
    await removeTree(hostPaths(this.#root).current);
  }

  /** Names of release copies that the current activation and the one before it link to. */
  async releasesInUse(): Promise<Set<string>> {
    const target = await linkTarget(hostPaths(this.#root).current);
    const current = target === undefined ? undefined : path.basename(target);
    const inUse = new Set<string>();
    for (const name of [current, ...(await this.#newestFirst()).filter((each) => each !== current)]) {
      if (name === undefined) continue;
      const release = await linkTarget(path.join(this.#directory, name, 'release'));
      if (release !== undefined) inUse.add(path.basename(release));
      if (inUse.size === 2) break;
    }
    return inUse;
  }

  /** Old activations hold secrets that may have been retired: few are kept. */
  async prune(keep: number): Promise<void> {
    const target = await linkTarget(hostPaths(this.#root).current);
    const inUse = new Set(target === undefined ? [] : [path.basename(target)]);
    const existing = await this.#newestFirst();
    for (const name of activationsToRemove({ existing, inUse, keep }))
      await removeTree(path.join(this.#directory, name));
  }

  async #sweep(): Promise<void> {
    for (const name of await namesIn(this.#directory))
      if (name.endsWith('.tmp')) await removeTree(path.join(this.#directory, name));
  }

  async #newestFirst(): Promise<string[]> {
    const found = (await namesIn(this.#directory)).flatMap((name) => {
      const parsed = parseActivation(name);
      return parsed === undefined ? [] : [{ name, ...parsed }];
    });
    return found
      .sort((left, right) => right.order - left.order || right.copy - left.copy)
      .map(({ name }) => name);
  }
}
