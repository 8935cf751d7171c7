export type Props = Readonly<Record<string, unknown>>;

/**
 * One resource as rules see it: the same in a policy pack, where the engine tells, and in a recording, where
 * the program told. Values that nobody knows yet are texts with guillemets (`«fleet-template.arn»`, or
 * {@link unknownYet}): a rule takes them for a value, because the pack is asked again when it is known,
 * before the resource is made.
 */
export type Declared = {
  /** What references and messages name: the urn in the engine, the label in a recording. */
  id: string;
  type: string;
  name: string;
  props: Props;
  protect: boolean;
  /** By top-level input: ids of the resources that its value comes from. */
  references: Readonly<Record<string, readonly string[]>>;
  /**
   * Inputs that the program marked as secret. The engine hides the marks from policies, so there it is empty.
   */
  secretInputs: readonly string[];
};

/** Stands for a value that a preview doesn't know. */
export const unknownYet = '«unknown»';

export function isUnknown(value: unknown): boolean {
  return typeof value === 'string' && value.includes('«');
}

/** Flags are booleans in most resources and texts inside of launch templates. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true' || isUnknown(value);
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

export function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return typeof value === 'string' && (allowed.includes(value) || isUnknown(value));
}

/** A nested block, or an empty one. */
export function blockAt(props: unknown, key: string): Props {
  const value = isProps(props) ? props[key] : undefined;
  return isProps(value) ? value : {};
}

/** Nested blocks of a list. */
export function blocksAt(props: unknown, key: string): readonly Props[] {
  const value = isProps(props) ? props[key] : undefined;
  return Array.isArray(value) ? value.filter(isProps) : [];
}

export function textsAt(props: unknown, key: string): readonly string[] {
  const value = isProps(props) ? props[key] : undefined;
  return [value].flat().filter((each) => typeof each === 'string');
}

export function isProps(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Resources of `type` among `stack` that name `target` by one of their inputs. */
export function referringTo(
  stack: readonly Declared[],
  type: string,
  input: string,
  target: Declared,
): readonly Declared[] {
  return stack.filter((other) => other.type === type && other.references[input]?.includes(target.id));
}
