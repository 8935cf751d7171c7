import { z } from 'zod';

export const filesSchema = z
  .strictObject({
    source: z
      .enum(['create', 'existing', 'none'])
      .default('create')
      .describe(
        '`create` makes a file system in EFS. `existing` adds an access point to the one that `identity.fileSystem` names. `none`: every host has a directory of its own, and uploads to one are missing on the others.',
      ),
    uid: z
      .int()
      .min(1)
      .max(65_533)
      .default(10_001)
      .describe(
        'User id that services run as and that owns the shared directory. A change replaces the access point: existing files keep the old owner, and services can no longer write them.',
      ),
    gid: z
      .int()
      .min(1)
      .max(65_533)
      .default(10_001)
      .describe('Group id of services and of the shared directory; as `uid`.'),
    infrequentAccessDays: z.literal([1, 7, 14, 30, 60, 90, 180, 270, 365]).nullable().default(30).meta({
      description:
        'Days without a read after which a file moves to the cheaper class, where reads cost more; it comes back when it is read.',
      unset: 'files never move',
    }),
    backup: z
      .boolean()
      .default(true)
      .describe('Whether AWS Backup makes a daily copy. Without it a deleted file is gone.'),
  })
  .describe('The directory that all hosts share (EFS).');
