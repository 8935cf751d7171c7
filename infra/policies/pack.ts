import { PolicyPack } from '@pulumi/policy';
import { policyOf } from './rule/policy-of.ts';
import { rules } from './rules/rules.ts';

/**
 * What the engine starts for `--policy-pack infra/policies`; it serves on a port that it prints. The rules
 * import from the rooms around this directory, so that the pack runs from the repository and can't be
 * published alone.
 */
new PolicyPack('lockstep', { policies: rules.map(policyOf), enforcementLevel: 'mandatory' });
