import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/**
 * What a resource class of an installed SDK says of one of its attributes. `scalar`: a text or a number that
 * AWS always fills in. `optional`: it may stay undefined for ever. `shaped`: lists, maps, flags: no token can
 * stand for them.
 */
export type Attribute = 'scalar' | 'optional' | 'shaped';

const known = new Map<string, ReadonlyMap<string, Attribute> | undefined>();

/**
 * The attributes of a resource type such as `aws:ec2/launchTemplate:LaunchTemplate`, read from the
 * declarations that its SDK publishes beside the class; undefined for a type that no installed SDK has.
 */
export function attributesOf(type: string): ReadonlyMap<string, Attribute> | undefined {
  if (!known.has(type)) known.set(type, readAttributes(type));
  return known.get(type);
}

function readAttributes(type: string): ReadonlyMap<string, Attribute> | undefined {
  const file = declarationOf(type);
  if (file === undefined) return undefined;
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const declared = source.matchAll(/^ {4}readonly (\w+): pulumi\.Output<(.*)$/gm);
  return new Map([...declared].map(([, name = '', text = '']) => [name, kindOf(text)]));
}

function kindOf(declared: string): Attribute {
  const type = declared.replace(/>;$/, '');
  const parts = type.split('|').map((part) => part.trim());
  const plain = parts.every((part) => /^(string|number|undefined|enums\.[\w.]+|"[^"]*")$/.test(part));
  if (!plain) return 'shaped';
  return parts.includes('undefined') ? 'optional' : 'scalar';
}

/** `aws:ec2/launchTemplate:LaunchTemplate` and `awsx:ec2:Vpc` both name their module and their class. */
function declarationOf(type: string): string | undefined {
  const [sdk = '', module = '', name = ''] = type.split(':');
  const file = module.includes('/') ? module : `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  try {
    return path.join(path.dirname(require.resolve(`@pulumi/${sdk}/package.json`)), `${file}.d.ts`);
  } catch {
    return undefined;
  }
}
