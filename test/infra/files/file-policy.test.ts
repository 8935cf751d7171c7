import { describe, expect, test } from 'vitest';
import { renderFilePolicy } from '../../../infra/files/file-policy.ts';

type Statement = {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Condition: Record<string, unknown>;
};

const accessPoint = 'arn:aws:elasticfilesystem:eu-central-1:111111111111:access-point/fsap-1';
const policy: { Statement: Statement[] } = JSON.parse(
  renderFilePolicy({
    account: '111111111111',
    fileSystem: 'arn:aws:elasticfilesystem:eu-central-1:111111111111:file-system/fs-1',
    accessPoint,
  }),
);

describe('the policy of the file system', () => {
  test('never allows root access, and always asks for the access point', () => {
    const allowed = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.flatMap(({ Action }) => Action)).not.toContain('elasticfilesystem:ClientRootAccess');
    for (const { Condition } of allowed) {
      expect(Condition.StringEquals).toEqual({ 'elasticfilesystem:AccessPointArn': accessPoint });
    }
  });

  test('denies plain transport, and every way around the access point', () => {
    const denied = policy.Statement.filter(({ Effect }) => Effect === 'Deny');
    expect(denied.map(({ Sid }) => Sid)).toEqual(['NoPlainTransport', 'OnlyThroughTheAccessPoint']);
    expect(denied[1]?.Action).toContain('elasticfilesystem:ClientMount');
    // Not equal, rather than equal to something else: also true where the key is absent.
    expect(denied[1]?.Condition).toEqual({
      StringNotEquals: { 'elasticfilesystem:AccessPointArn': accessPoint },
    });
  });
});
