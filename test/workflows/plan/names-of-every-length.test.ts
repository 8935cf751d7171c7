import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pins } from '../../../infra/settings/schema/pins.ts';
import type { Subject } from '../../../infra/stack/stack.ts';
import { recordStack } from '../../../scripts/adapters/pulumi/stack-recorder.ts';
import { describeDifference } from '../../../scripts/domain/plan/graph-difference.ts';
import { planStacks } from '../../../scripts/workflows/plan/plan.ts';
import { compareWithPrediction } from '../../../scripts/workflows/plan/prediction.ts';
import { exampleSubject, pinned, resolveExample } from '../../support/cloud/example-settings.ts';

/**
 * The proof of `lockstep plan` over the whole program: for an app that keeps the rules it must never refuse,
 * whatever app and environment are called. Physical names are cut at limits from 32 to 255 characters.
 *
 * One case takes about a second: more on request, `LOCKSTEP_PROPERTY_RUNS=60`, and then every length there
 * is.
 */
const asked = Number(process.env.LOCKSTEP_PROPERTY_RUNS ?? 0);
const longest = 31;

/** The regions of the pins, and one that shares no letter with them. */
const pins: Pins = {
  ...pinned,
  regions: {
    ...pinned.regions,
    'us-gov-west-1': {
      zones: ['us-gov-west-1b', 'us-gov-west-1a', 'us-gov-west-1d'],
      images: {
        'host-x86_64': 'ami-0aaaaaaaa',
        'host-arm64': 'ami-0bbbbbbbb',
        'gpu-x86_64': 'ami-0cccccccc',
      },
    },
  },
};

type Case = { app: string; environment: string; region: string; certificate: string; dnsRecord: boolean };

function subjectOf({ app, environment, region, certificate, dnsRecord }: Case): Subject {
  const given = certificate === 'given';
  const { settings, identity } = exampleSubject('production', {
    'balancer.certificate': certificate,
    'balancer.dnsRecord': dnsRecord,
    'identity.hostedZone': given && !dnsRecord ? null : 'Z0123456789ABC',
    'identity.certificate': given ? `arn:aws:acm:eu-central-1:444455556666:certificate/${app}` : null,
  });
  return {
    settings: { ...settings, app: { ...settings.app, name: app } },
    identity: { ...identity, environment, region, upstream: environment === 'staging' ? null : 'staging' },
    pins,
  };
}

const differencesOf = async (subject: Subject) =>
  (await compareWithPrediction(subject, recordStack)).map(describeDifference);

const name = fc
  .integer({ min: 1, max: longest })
  .chain((size) => fc.string({ unit: fc.constantFrom(...'abqz09-'), minLength: size, maxLength: size }))
  .map((text) => fitted(`a${text.slice(1)}`, text.length));

/** `text` as a name of `size` letters: single hyphens, none at the end. */
function fitted(text: string, size: number): string {
  return text
    .padEnd(size, 'k7-m')
    .slice(0, size)
    .replaceAll(/-(?=-|$)/g, 'x');
}

const cases = fc.record<Case>({
  app: name,
  environment: name,
  region: fc.constantFrom(...Object.keys(pins.regions)),
  certificate: fc.constantFrom('given', 'requested'),
  dnsRecord: fc.boolean(),
});

test('names of every length are cut as the proof predicts: no app is refused for its name', async () => {
  const check = async (drawn: Case) => {
    expect(await differencesOf(subjectOf(drawn))).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(cases, check), { numRuns: asked || 6, interruptAfterTimeLimit: 600_000 });
});

/** Where names begin to be cut, and the ends of what is allowed. */
const ends: readonly (readonly [app: number, environment: number])[] = [
  [1, 1],
  [14, 10],
  [1, longest],
  [longest, 1],
  [longest, longest],
];
const all = Array.from({ length: longest }, (_, index) => [index + 1, longest - index] as const);

test.each(asked > 0 ? [...ends, ...all] : ends)(
  'an app of %i letters in an environment of %i is not refused',
  async (app, environment) => {
    const drawn = { region: 'eu-central-1', certificate: 'requested', dnsRecord: true };
    const names = { app: fitted('lockstep', app), environment: fitted('prod', environment) };
    expect(await differencesOf(subjectOf({ ...names, ...drawn }))).toEqual([]);
  },
);

test('`lockstep plan` proves the settings of this repository under names that AWS cuts', async () => {
  const named = (name: string) => {
    const resolved = resolveExample(name, { 'app.name': fitted('lockstep', longest) });
    if (!resolved.ok) throw new TypeError(JSON.stringify(resolved.findings));
    return resolved.settings;
  };
  const { refusals, stacks } = await planStacks([named('staging'), named('production')], {
    record: recordStack,
    pins: pinned,
  });
  expect(refusals).toEqual([]);
  const names = JSON.stringify(stacks[1]?.graph).match(/"lockstepk7-[a-z0-9-]+-[0-9a-f]{6}-?"/g) ?? [];
  expect(new Set(names).size).toBeGreaterThan(5);
});
