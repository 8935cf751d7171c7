import { attributesOf } from '../../aws/sdk-attributes.ts';
import { blocksAt, type Declared, isGiven, isProps, isUnknown } from '../rule/declared.ts';
import type { ResourceRule } from '../rule/rule.ts';

/** On everything that belongs to an app; costs and clean-up go by it. */
const wanted = 'lockstep:app';

/** What a launch template makes carries its own tags, or none. */
const launched = ['instance', 'volume'];

/** Which types take tags is read from the installed SDK, so that no list of ours can be out of date. */
export const tagged: ResourceRule = {
  name: 'tagged',
  description: `Everything that takes tags carries ${wanted}: costs, permissions and clean-up rely on it, and a resource without it has no owner.`,
  level: 'mandatory',
  judge(resource) {
    const { type, props } = resource;
    if (!type.startsWith('aws:') || !attributesOf(type)?.has('tags')) return [];
    const fix = 'Fix: give it the tags of the stack';
    const own = isTagged(props.tags) ? [] : [`no tag ${wanted}. ${fix}`];
    return type === 'aws:ec2/launchTemplate:LaunchTemplate' ? [...own, ...launchedBare(resource, fix)] : own;
  },
};

/** A map, or the list of a scaling group. */
function isTagged(tags: unknown): boolean {
  if (isUnknown(tags)) return true;
  if (Array.isArray(tags))
    return tags.some((tag) => isProps(tag) && tag.key === wanted && isGiven(tag.value));
  return isProps(tags) && isGiven(tags[wanted]);
}

function launchedBare({ props }: Declared, fix: string): string[] {
  const bare = launched.filter(
    (kind) =>
      !blocksAt(props, 'tagSpecifications').some(
        ({ resourceType, tags }) => resourceType === kind && isTagged(tags),
      ),
  );
  return bare.map((kind) => `tagSpecifications leave the ${kind} without ${wanted}. ${fix}`);
}
