import { describe, expect, test } from 'vitest';
import { findBreaches } from '../../../../infra/policies/rule/rule.ts';
import { rules } from '../../../../infra/policies/rules/rules.ts';
import { declared } from '../../../support/cloud/declared.ts';
import { accessExamples } from '../../../support/cloud/policy-examples/access.ts';
import { exposureExamples } from '../../../support/cloud/policy-examples/exposure.ts';
import { stateExamples } from '../../../support/cloud/policy-examples/state.ts';

const examples = { ...exposureExamples, ...stateExamples, ...accessExamples };

test('every rule has something that it refuses and something that it accepts, and says why it is there', () => {
  expect(Object.keys(examples).sort()).toEqual(rules.map(({ name }) => name).sort());
  for (const { description, level } of rules) {
    expect(description).toMatch(/^[A-Z].{40,}\.$/);
    expect(level).toBe('mandatory');
  }
});

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  const { refuses = [], accepts = [] } = examples[name] ?? {};
  test.each(refuses)('refuses %s, with the fix', (_, stack, words) => {
    const messages = findBreaches([rule], stack).map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
    for (const message of messages) expect(message).toContain('Fix: ');
  });
  test.each(accepts)('accepts %s', (_, stack) => {
    expect(findBreaches([rule], stack)).toEqual([]);
  });
});

test('a message about a secret never repeats it', () => {
  const key = `AKIA${'A2B3C4D5E6F7G2H3'}`;
  const stack = [declared('aws:ssm/parameter:Parameter', { insecureValue: key, password: 'hunter2' })];
  const said = findBreaches(rules, stack).map(({ message }) => message);
  expect(said.join()).not.toMatch(/hunter2|AKIA/);
});
