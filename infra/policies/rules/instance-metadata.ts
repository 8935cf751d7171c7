import { blockAt, isOneOf } from '../rule/declared.ts';
import type { ResourceRule } from '../rule/rule.ts';

const launches = new Set([
  'aws:ec2/launchTemplate:LaunchTemplate',
  'aws:ec2/instance:Instance',
  'aws:ec2/launchConfiguration:LaunchConfiguration',
  'aws:ec2/spotInstanceRequest:SpotInstanceRequest',
]);

export const instanceMetadataTokens: ResourceRule = {
  name: 'instance-metadata-tokens',
  description:
    "Hosts answer metadata requests with a session token only (IMDSv2): without it, an app that is tricked into one request gives away the host's credentials.",
  level: 'mandatory',
  judge({ type, props }) {
    if (!launches.has(type)) return [];
    const { httpTokens, httpEndpoint } = blockAt(props, 'metadataOptions');
    if (isOneOf(httpTokens, ['required']) || httpEndpoint === 'disabled') return [];
    return [`metadataOptions.httpTokens ${httpTokens ?? 'is missing'}. Fix: httpTokens: "required"`];
  },
};
