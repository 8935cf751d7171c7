import { type Graph, labelOf, mapTexts, partsOf, tokensIn, type Value } from './graph.ts';

/**
 * Texts that show a value got lost on its way into an input: a cut token, a token that names no resource, or
 * what JavaScript makes of a missing value inside a text.
 */
export function findFragments(graph: Graph): readonly string[] {
  const names = new Set(graph.resources.map(({ name }) => name));
  const found: string[] = [];
  const look = (where: string, value: Value) => {
    mapTexts(value, (text) => {
      const fault = faultOf(text, names);
      if (fault !== undefined) found.push(`${where}: ${fault}`);
      return text;
    });
  };
  for (const resource of graph.resources) {
    for (const [key, value] of Object.entries(resource.inputs)) look(`${labelOf(resource)}.${key}`, value);
  }
  look('what the program returns', graph.outputs);
  return found;
}

function faultOf(text: string, names: ReadonlySet<string>): string | undefined {
  const rest = text.replaceAll(/«[^«»]+»/g, '');
  if (/[«»]/.test(rest)) return `part of a token in ${excerpt(text, /[«»]/)}`;
  const unknown = tokensIn(text).find((found) => found !== '«secret»' && !names.has(partsOf(found).name));
  if (unknown !== undefined) return `${unknown} names no resource: a token was changed on its way`;
  const lost = /undefined|(?<![A-Za-z]{2})NaN(?![A-Za-z])|\[object Object\]|Calling \[to(String|JSON)\]/.exec(
    rest,
  );
  return lost === null ? undefined : `${lost[0]} in ${excerpt(rest, new RegExp(quoted(lost[0])))}`;
}

function excerpt(text: string, at: RegExp): string {
  const index = Math.max(0, text.search(at));
  return JSON.stringify(text.slice(Math.max(0, index - 30), index + 40));
}

function quoted(text: string): string {
  return text.replaceAll(/[[\]()]/g, '\\$&');
}
