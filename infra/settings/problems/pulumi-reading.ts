import { type Document, isAlias, isMap, isScalar, isSeq, type Scalar } from 'yaml';
import { readingOf } from './plain-scalar.ts';
import { isSecretPath, type Path, showValue } from './problem.ts';

/** A place in a text that Pulumi reads differently, or that it refuses. */
export type Misreading = {
  /** Where it stands: characters from the start of the text. */
  offset: number;
  path: Path;
  message: string;
  got: string;
  allowed: string;
  fix: string;
};

/**
 * Stack files are read twice: here, by YAML 1.2, and by Pulumi, which hands the program what Go's yaml.v3
 * made of them, written out and read once more. Whatever does not come out the same is named, so that a plan
 * never shows other settings than `pulumi up` takes. Compared with the engine itself in
 * test/engine/settings-readings.test.ts.
 *
 * @param isOurs whether the value at a path is read by Lockstep; of other values only the keys around them
 *   matter
 * @param isDate whether a date may stand at a path without quotes: whoever reads it knows Pulumi's spellings
 */
export function findMisreadings(
  text: string,
  document: Document,
  { isOurs, isDate }: { isOurs: (path: Path) => boolean; isDate: (path: Path) => boolean },
): Misreading[] {
  const found = [...findUnusualCharacters(text), ...findDirectives(text, document)];
  const walk = (node: unknown, path: Path, around: readonly unknown[]): void => {
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (around.includes(target)) found.push(circular(node.range?.[0] ?? 0, path));
      else walk(target, path, around);
      return;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    const offset = node.range?.[0] ?? 0;
    if (node.tag !== undefined) found.push(tagged(node.tag, offset, path));
    if (node.anchor !== undefined && !/^[\w-]+$/.test(node.anchor))
      found.push(anchored(node.anchor, offset, path));
    if (isScalar(node)) {
      found.push(...unknownEscapes(text, node, path));
      if (isOurs(path))
        found.push(
          ...misreadScalar(node, path, { dateAllowed: isDate(path), inBrackets: around.some(isFlow) }),
        );
      return;
    }
    const inside = [...around, node];
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index], inside);
      return;
    }
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (path.length < 2 || isOurs(path))
        found.push(...misreadKey(text, key, offset, [...path, name], inside.some(isFlow)));
      walk(value, [...path, name], inside);
    }
  };
  walk(document.contents, [], []);
  return found;
}

const isFlow = (node: unknown) => (isMap(node) || isSeq(node)) && node.flow === true;

const plainValues = 'text in quotes, plain decimal numbers, true, false';

function misreadScalar(
  node: Scalar,
  path: Path,
  { dateAllowed, inBrackets }: { dateAllowed: boolean; inBrackets: boolean },
): Misreading[] {
  const offset = node.range?.[0] ?? 0;
  if (typeof node.value === 'string' && /^\s/.test(node.value) && node.value.includes('\n')) {
    const message = 'Pulumi loses line breaks and blanks before a text of several lines';
    const got = isSecretPath(path) ? hidden : showValue(node.value);
    return [
      { offset, path, message, got, allowed: 'text that starts in its first line', fix: 'remove them' },
    ];
  }
  if (node.type !== 'PLAIN' || node.source === undefined) return [];
  const reading = readingOf(node.source, inBrackets);
  if (reading.kind !== 'ambiguous' && (reading.kind !== 'date' || dateAllowed)) return [];
  return [misread(node.source, reading, offset, path, plainValues)];
}

function misreadKey(
  text: string,
  key: unknown,
  around: number,
  path: Path,
  inBrackets: boolean,
): Misreading[] {
  if (!isScalar(key)) {
    const message = 'a key that is not a plain name';
    const got = isAlias(key) ? `*${key.source}` : 'a map or a list';
    return [{ offset: around, path, message, got, allowed: 'names', fix: 'write a name' }];
  }
  const offset = key.range?.[0] ?? around;
  if (/^:[,\]}]/.test(text.slice(key.range?.[1] ?? 0))) {
    const message = 'Pulumi takes the colon for a part of the name';
    const got = `${key.source}:`;
    return [{ offset, path, message, got, allowed: 'a blank after the colon', fix: 'write one' }];
  }
  const escapes = unknownEscapes(text, key, path);
  if (escapes.length > 0) return escapes;
  if (key.tag !== undefined) return [tagged(key.tag, offset, path)];
  const name = String(key.value);
  if (name === '<<') {
    const message = 'Pulumi merges the map that stands there into the one around it';
    return [{ offset, path, message, got: name, allowed: 'any other name', fix: 'write its keys out' }];
  }
  const written = text.slice(offset, key.range?.[1] ?? offset);
  if (/[\r\n]/.test(name) || /[\r\n]/.test(written)) {
    const message = 'a key of several lines';
    return [{ offset, path, message, got: showValue(name), allowed: 'names of one line', fix: 'rename it' }];
  }
  if (key.type !== 'PLAIN' || key.source === undefined) return [];
  const reading = readingOf(key.source, inBrackets);
  return reading.kind === 'text' ? [] : [misread(key.source, reading, offset, path, 'names in quotes')];
}

const hidden = '(hidden: it may be a secret)';

function misread(
  source: string,
  reading: ReturnType<typeof readingOf>,
  offset: number,
  path: Path,
  allowed: string,
): Misreading {
  const secret = isSecretPath(path);
  const { by, as } = reading.kind === 'ambiguous' ? reading : { by: 'Pulumi', as: readAs[reading.kind] };
  const message = `${by} reads it as ${secret ? 'something else' : as}`;
  return { offset, path, message, got: secret ? hidden : source, allowed, fix: 'put it in quotes' };
}

const readAs = {
  text: 'text',
  nothing: 'nothing',
  boolean: 'a boolean',
  number: 'a number',
  date: 'a time',
} as const;

function tagged(tag: string, offset: number, path: Path): Misreading {
  const message = 'a tag, which not every reader follows';
  return { offset, path, message, got: tag, allowed: 'values without tags', fix: 'remove the tag' };
}

function circular(offset: number, path: Path): Misreading {
  const message = 'an alias inside the very value that it names';
  return {
    offset,
    path,
    message,
    got: 'an endless value',
    allowed: 'plain values',
    fix: 'write the value out',
  };
}

function anchored(name: string, offset: number, path: Path): Misreading {
  const message = 'an anchor whose name Pulumi does not read';
  return { offset, path, message, got: `&${name}`, allowed: 'letters, digits, - and _', fix: 'rename it' };
}

/** Go's parser knows neither `\/` nor halves of a character outside of the basic plane. */
function unknownEscapes(text: string, { type, range }: Scalar, path: Path): Misreading[] {
  if (type !== 'QUOTE_DOUBLE' || range == null) return [];
  const source = text.slice(range[0], range[1]).replaceAll('\\\\', '  ');
  const index = source.search(/\\(\/|u[dD][89a-fA-F])/);
  if (index === -1) return [];
  const got = source.slice(index, index + 2);
  const message = 'an escape that Pulumi does not read';
  return [
    { offset: range[0] + index, path, message, got, allowed: 'the character itself', fix: 'write it out' },
  ];
}

/** `%YAML 1.1` changes what words mean, `%TAG` what tags do. */
function findDirectives(text: string, { directives }: Document): Misreading[] {
  const known = Object.keys(directives?.tags ?? {}).length > 1 || directives?.yaml.explicit === true;
  if (!known) return [];
  const offset = Math.max(0, text.search(/^%/m));
  const message = 'a directive, which changes how the file is read';
  return [
    { offset, path: [], message, got: 'a line that starts with %', allowed: 'none', fix: 'remove the line' },
  ];
}

const unusual: readonly { pattern: RegExp; message: string; got: string; allowed: string; fix: string }[] = [
  {
    pattern: /\r(?!\n)|[\u0085\u2028\u2029]/,
    message: 'a line end that not every reader takes for one',
    got: 'a carriage return alone, or U+0085, U+2028, U+2029',
    allowed: 'line feeds, also after carriage returns',
    fix: 'save the file with ordinary line ends; inside of text write "\\r", "\\u2028"',
  },
  {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    pattern: /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|(?<!^)\ufeff/,
    message: 'a character that cannot be seen, and that Pulumi does not read',
    got: 'a control character, or a byte order mark inside of the file',
    allowed: 'characters that can be seen',
    fix: 'remove it, or write it as an escape in double quotes',
  },
];

/** At the ends of lines and in comments tabs harm nobody. */
const tab = {
  pattern: /^[ ?:-]*\t|(?<!(?:^|[ \t])#.*)\t(?![ \t]*(?:#|\r?$))/m,
  message: 'a tab, which not every reader takes for a blank',
  got: 'a tab',
  allowed: 'blanks',
  fix: 'write blanks; inside of text write "\\t"',
};

function findUnusualCharacters(text: string): Misreading[] {
  return [...unusual, tab].flatMap(({ pattern, ...said }) => {
    const offset = text.search(pattern);
    return offset === -1 ? [] : [{ offset, path: [], ...said }];
  });
}
