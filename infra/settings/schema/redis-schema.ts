import { z } from 'zod';

export const redisSchema = z
  .strictObject({
    source: z
      .enum(['create', 'existing', 'none'])
      .default('create')
      .describe(
        '`create` makes a replication group in ElastiCache. `existing` lets hosts into the one that `identity.redis` names. `none`: the app gets no `REDIS_URL`.',
      ),
    nodes: z
      .int()
      .min(1)
      .max(6)
      .default(2)
      .describe(
        'Nodes: a primary and its replicas. With two or more, another zone takes over within a minute or so; with one, a failed node loses all sessions.',
      ),
    engine: z
      .enum(['valkey-8.0', 'redis-7.1'])
      .default('valkey-8.0')
      .describe(
        'Engine and version. From Redis to Valkey it changes in place; back, or to a lower version, replaces the group and loses its data.',
      ),
    nodeType: z
      .string()
      .regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, 'an ElastiCache node type such as cache.t4g.small')
      .default('cache.t4g.small')
      .describe(
        'Size of a node: its memory holds all sessions, a quarter of it is reserved for snapshots. Changed in place, with a failover.',
      ),
    evictionPolicy: z
      .enum([
        'noeviction',
        'volatile-lru',
        'volatile-lfu',
        'volatile-ttl',
        'volatile-random',
        'allkeys-lru',
        'allkeys-lfu',
        'allkeys-random',
      ])
      .default('noeviction')
      .describe(
        'What happens when memory is full. `noeviction`: writes fail, visibly. Every other policy deletes keys, and users lose their sessions silently.',
      ),
    snapshotDays: z
      .int()
      .min(0)
      .max(35)
      .default(7)
      .describe('Days that daily snapshots are kept; 0: none are made.'),
    maintenanceWindow: z
      .string()
      .regex(
        /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/,
        'ddd:hh:mm-ddd:hh:mm, such as sun:03:00-sun:04:00',
      )
      .default('sun:03:00-sun:04:00')
      .describe(
        'When AWS may patch nodes, in UTC, at least an hour. A patch causes a failover. Must not overlap `snapshotWindow`.',
      ),
    snapshotWindow: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'hh:mm-hh:mm, such as 01:00-02:00')
      .default('01:00-02:00')
      .describe('When the daily snapshot is made, in UTC, at least an hour. Choose the quietest one.'),
    tunnel: z
      .boolean()
      .default(false)
      .describe(
        'For apps whose client has no TLS: a TLS tunnel on each host answers on `127.0.0.1:6379`, and `REDIS_URL` names that address.',
      ),
  })
  .describe('Redis (ElastiCache), where sessions live.');
