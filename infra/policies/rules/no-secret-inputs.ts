import { isUnknown } from '../rule/declared.ts';
import { decodeText } from '../rule/encoded-text.ts';
import type { ResourceRule } from '../rule/rule.ts';
import { isSecretInput, secretIn } from '../rule/secret-shapes.ts';

const fix = 'Fix: declare only its container; `lockstep secret set` sets the value';

export const noSecretInputs: ResourceRule = {
  name: 'no-secret-inputs',
  description:
    'No secret is an input: it would be kept in the state, in previews and in their comments, encrypted or not. Names of inputs, published formats of keys (also inside of user data) and marks of the program give one away.',
  level: 'mandatory',
  judge({ type, props, secretInputs }) {
    const secureParameter = type === 'aws:ssm/parameter:Parameter' && props.type === 'SecureString';
    return [
      ...secretInputs.map((input) => `${input} is marked as secret. ${fix}`),
      ...(secureParameter ? [`a SecureString takes its value as an input. ${fix}`] : []),
      ...Object.entries(props).flatMap(([key, value]) => look(key, key, value)),
    ];
  },
};

/** Messages name the place and the kind, never the value. */
function look(path: string, name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => look(`${path}[${index}]`, name, each));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) => look(`${path}.${key}`, key, child));
  }
  if (typeof value !== 'string' || value === '') return [];
  if (isSecretInput(name) && !isUnknown(value)) return [`${path} holds a secret by its name. ${fix}`];
  const kind = secretIn(decodeText(value));
  return kind === null ? [] : [`${path} holds what looks like ${kind}. ${fix}`];
}
