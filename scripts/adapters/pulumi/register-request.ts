import {
  type GraphResource,
  labelOf,
  mapTexts,
  token,
  type Value,
  type Values,
} from '../../domain/plan/graph.ts';

/** What this file needs of `pulumirpc.RegisterResourceRequest`, whose own types are not published. */
export type RegisterRequest = {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getRemote(): boolean;
  getObject(): { toJavaScript(): Values } | undefined;
  toObject(): Record<string, Value>;
};

/**
 * Facts about the caller, not about the resource; positions in source files would differ between machines.
 */
const noise = new Set([
  ...['type', 'name', 'parent', 'custom', 'object', 'sourceposition', 'stacktrace', 'parentstacktracehandle'],
  ...['acceptsecrets', 'acceptresources', 'supportspartialvalues', 'supportsresultreporting', 'aliasspecs'],
  ...['deletebeforereplacedefined', 'packageref', 'acceptsByteString'],
]);

/** The engine's spelling, where ours is Pulumi's own for programs. */
const spelling: Readonly<Record<string, string>> = {
  additionalsecretoutputsList: 'additionalSecretOutputs',
  aliasesList: 'aliases',
  customtimeouts: 'customTimeouts',
  deletebeforereplace: 'deleteBeforeReplace',
  deletedwith: 'deletedWith',
  dependenciesList: 'dependencies',
  ignorechangesList: 'ignoreChanges',
  importid: 'import',
  propertydependenciesMap: 'propertyDependencies',
  providersMap: 'providers',
  replaceonchangesList: 'replaceOnChanges',
  retainondelete: 'retainOnDelete',
};

const signatureKey = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';
const resourceSignature = '5cf8f73096256a8f31e491e813e4eb8e';

/** The key under which a secret's value stands in recorded inputs. */
export const secretKey = '«secret»';

/**
 * The resource as it was registered. Whatever the engine is told and isn't listed as noise becomes an option.
 */
export function resourceOf(request: RegisterRequest): GraphResource {
  const told = request.toObject();
  const options = Object.entries(told).flatMap(([key, value]): [string, Value][] => {
    if (noise.has(key) || isDefault(key, value, told)) return [];
    if (key === 'propertydependenciesMap' && isEmpty(plain(key, value))) return [];
    return [[spelling[key] ?? key, ordered(key, mapTexts(plain(key, value), labelOfUrn))]];
  });
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent() === '' ? null : labelOfUrn(request.getParent()),
    custom: request.getCustom(),
    inputs: inputsOf(request),
    options: Object.fromEntries(options.toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

function inputsOf(request: RegisterRequest): Values {
  const inputs = readable(request.getObject()?.toJavaScript() ?? {});
  return typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs) ? (inputs as Values) : {};
}

function isDefault(key: string, value: Value | undefined, told: Record<string, Value>): boolean {
  if (key === 'deletebeforereplace') return told.deletebeforereplacedefined !== true;
  if (value === undefined || value === null || value === '' || value === 0) return true;
  if (value === false) return key === 'remote';
  if (typeof value !== 'object') return false;
  return Object.values(value).every((child) => child === '' || child === undefined);
}

const isEmpty = (value: Value) => Object.keys(value ?? {}).length === 0;

/** Protobuf maps arrive as pairs. */
function plain(key: string, value: Value): Value {
  if (key === 'propertydependenciesMap') {
    const pairs = value as unknown as [string, { urnsList: string[] }][];
    return Object.fromEntries(
      pairs.flatMap(([name, { urnsList }]) => (urnsList.length > 0 ? [[name, urnsList]] : [])),
    );
  }
  return key.endsWith('Map') ? Object.fromEntries(value as unknown as [string, Value][]) : value;
}

/** Dependencies are sets: they arrive in the order in which outputs came to their values. */
function ordered(key: string, value: Value): Value {
  if (key === 'dependenciesList') return (value as readonly string[]).toSorted();
  if (key !== 'propertydependenciesMap') return value;
  const entries = Object.entries(value as Record<string, readonly string[]>);
  return Object.fromEntries(entries.map(([name, labels]) => [name, labels.toSorted()]));
}

/** `urn:pulumi:stack::project::parentType$type::name`, alone or before the `::id` of a provider. */
function labelOfUrn(text: string): string {
  if (!text.startsWith('urn:pulumi:')) return text;
  const [, , types = '', name = ''] = text.split('::');
  return labelOf({ type: types.split('$').at(-1) ?? '', name });
}

/** Wire signatures become something that a reader recognises. */
export function readable(value: Value): Value {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Values;
  const inner = map.value;
  if (map[signatureKey] === secretSignature) return { [secretKey]: readable(inner ?? null) };
  if (map[signatureKey] === resourceSignature) {
    const name = String(map.urn).split('::')[3] ?? '';
    return token(name, 'id');
  }
  return Object.fromEntries(Object.entries(map).map(([key, child]) => [key, readable(child)]));
}
