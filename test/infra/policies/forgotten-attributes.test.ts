import { expect, test } from 'vitest';
import { attributesOf } from '../../../infra/aws/sdk-attributes.ts';
import { recordStack } from '../../../scripts/adapters/pulumi/stack-recorder.ts';
import { LockstepError } from '../../../scripts/domain/errors.ts';
import { type Graph, mapTexts, tokensIn } from '../../../scripts/domain/plan/graph.ts';
import { exampleSubject } from '../../support/cloud/example-settings.ts';

/**
 * A mock that forgets an attribute which AWS computes makes plain mocks drop the input without a word. Here
 * the recorder's own knowledge is taken away, one attribute after the other.
 */
const runs = Number(process.env.LOCKSTEP_PROPERTY_RUNS ?? 6);

const record = () => recordStack(exampleSubject('production'));

/**
 * `type attribute` of every token that the program made an input of; ids come from elsewhere, lists from
 * shapes.
 */
function computedIn({ resources, outputs }: Graph): readonly (readonly [type: string, attribute: string])[] {
  const types = new Map(resources.map(({ name, type }) => [name, type]));
  const found = new Map<string, readonly [string, string]>();
  for (const value of [...resources.map(({ inputs }) => inputs), outputs]) {
    mapTexts(value, (text) => {
      for (const token of tokensIn(text)) {
        const [, name = '', attribute = ''] = /^«(.*)\.(\w+)»$/.exec(token) ?? [];
        const type = types.get(name);
        if (type !== undefined && attribute !== 'id') found.set(`${type} ${attribute}`, [type, attribute]);
      }
      return text;
    });
  }
  return [...found.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, pair]) => pair);
}

async function recordWithout(type: string, attribute: string): Promise<unknown> {
  const known = attributesOf(type) as Map<string, 'scalar'>;
  const kind = known.get(attribute);
  if (kind === undefined) throw new TypeError(`${type} has no attribute ${attribute}`);
  known.delete(attribute);
  try {
    return await record().then(
      () => 'nothing was noticed',
      (error: unknown) => error,
    );
  } finally {
    known.set(attribute, kind);
  }
}

test('a computed attribute that the recorder forgets fails the recording', async () => {
  const computed = computedIn(await record());
  expect(computed.length).toBeGreaterThan(15);
  const step = Math.max(1, Math.floor(computed.length / runs));
  const sampled = computed.filter((_, index) => index % step === 0);
  for (const [type, attribute] of sampled) {
    const error = await recordWithout(type, attribute);
    expect(error, `${type} ${attribute}`).toBeInstanceOf(LockstepError);
    expect((error as LockstepError).details.join('\n')).toContain(
      `.${attribute} (${type}) is not among what`,
    );
  }
});
