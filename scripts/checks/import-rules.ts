/**
 * Who may import whom, folder to folder, on one page. A room is listed before every room that may import it.
 * Inside a room, `order` goes from the bottom up: a folder imports what is listed before it. `.` is the
 * room's own files. What no entry allows is refused; a folder that no entry lists is refused too.
 */
export type Room = {
  room: string;
  /** Folders of other rooms; one stands for everything below it, with `/.` for its own files alone. */
  imports: readonly string[];
  /**
   * Names of packages; `node:` means all modules of Node itself, `*` every package that no other room
   * reserves.
   */
  packages: readonly string[];
  order: readonly string[];
  /** What single folders may import beyond their room or, with `only`, instead of it. */
  folders?: Readonly<
    Record<string, { imports?: readonly string[]; packages?: readonly string[]; only?: true }>
  >;
};

const pulumi = ['@pulumi/pulumi', '@pulumi/aws'];
/** Settings are read by every verb: none of these may load Pulumi's SDKs. */
const plain = { packages: ['zod', 'node:'], only: true } as const;

export const rooms: readonly Room[] = [
  {
    room: 'infra',
    imports: [],
    packages: [...pulumi, '@pulumi/awsx', 'zod', 'node:'],
    order: [
      'settings/problems',
      'settings/schema',
      'stack',
      'times',
      'network/ranges',
      'network/rules',
      'model/facts',
      'model/rules',
      'balancer/rules',
      'hosts/rules',
      'redis/rules',
      'settings',
      'aws',
      'network',
      'redis',
      'files',
      'balancer',
      'hosts',
      'model',
      'observability',
      'foundation',
      'policies/rule',
      'policies/rules',
      'policies',
      '.',
    ],
    folders: {
      'settings/problems': { packages: ['zod', 'yaml'], only: true },
      'settings/schema': plain,
      stack: plain,
      times: plain,
      'network/ranges': plain,
      'network/rules': plain,
      'model/facts': plain,
      'model/rules': plain,
      'balancer/rules': plain,
      'hosts/rules': plain,
      'redis/rules': plain,
      settings: plain,
      'policies/rule': { packages: ['@pulumi/policy'] },
      policies: { packages: ['@pulumi/policy'] },
    },
  },
  {
    room: 'scripts/domain',
    imports: [],
    packages: ['zod', 'node:crypto'],
    order: ['.', 'secrets', 'smoke', 'app', 'release', 'order', 'parity', 'plan', 'pins'],
  },
  { room: 'scripts/machine', imports: ['scripts/domain'], packages: ['zod', 'node:'], order: ['.'] },
  {
    room: 'scripts/store',
    imports: ['scripts/domain', 'scripts/machine'],
    packages: ['zod', 'node:'],
    order: ['.', 's3'],
    folders: { s3: { packages: ['@smithy/signature-v4'] } },
  },
  {
    // The agent is one bundled file on every host: no package but zod and the signer of requests to S3.
    room: 'scripts/host',
    imports: ['scripts/domain', 'scripts/machine', 'scripts/store'],
    packages: ['zod', 'node:'],
    order: ['place', 'orders', 'disk', 'services/local', 'services/systemd', 'services', 'verbs', '.'],
  },
  {
    room: 'scripts/workflows',
    imports: ['scripts/domain', 'scripts/store', 'infra/settings', 'infra/stack', 'infra/network/ranges'],
    packages: ['zod', 'node:crypto'],
    order: ['ports', 'environment', 'smoke', 'order', 'inspect', 'build', 'pins', 'plan', '.'],
  },
  {
    room: 'scripts/adapters',
    imports: [
      'scripts/domain',
      'scripts/machine',
      'scripts/store',
      'scripts/workflows/ports',
      'infra/settings',
      'infra/stack',
    ],
    packages: ['*'],
    order: ['processes', 'settings', 'terminal', 'build', 'haproxy', 'local', 'aws', 'pins', 'pulumi'],
    folders: {
      processes: { packages: ['zx'] },
      build: { packages: ['esbuild'] },
      // The cloud program itself, which the plan runs; nothing else may load it.
      pulumi: { imports: ['infra'], packages: pulumi },
      // Where things lie on a host, and which processes are a host's.
      local: { imports: ['scripts/host/place', 'scripts/host/services/local'] },
    },
  },
  {
    room: 'scripts/console',
    imports: ['scripts/domain', 'scripts/workflows/ports'],
    packages: ['commander', 'node:'],
    order: ['.'],
  },
  {
    room: 'scripts/targets',
    imports: [
      'scripts/domain',
      'scripts/machine',
      'scripts/store',
      'scripts/workflows/ports',
      'scripts/workflows/environment',
      'scripts/adapters',
      'scripts/console',
      'infra/settings',
    ],
    packages: ['node:'],
    order: ['contract', 'local', 'aws', '.'],
  },
  {
    room: 'scripts/rehearsal',
    imports: ['scripts/domain', 'scripts/workflows', 'scripts/adapters', 'scripts/console'],
    packages: ['commander', 'yaml', 'zod', 'node:'],
    order: ['.'],
  },
  {
    // Verbs reach the world through targets; what no target is about, they reach in the adapters named here.
    room: 'scripts/commands',
    imports: [
      'scripts/domain',
      'scripts/workflows',
      'scripts/adapters/settings',
      'scripts/adapters/terminal',
      'scripts/adapters/pulumi',
      'scripts/adapters/pins',
      'scripts/adapters/aws',
      'scripts/console',
      'scripts/targets/contract',
      'scripts/targets/.',
      'infra/settings',
      'infra/times',
    ],
    packages: ['commander', 'node:'],
    order: ['change', 'secret', 'pins', 'local', '.'],
    folders: {
      // `local up | down` and the rehearsal are about this machine, whatever target other verbs have.
      local: { imports: ['scripts/targets/local', 'scripts/adapters/local', 'scripts/rehearsal'] },
    },
  },
  { room: 'scripts/checks', imports: [], packages: ['node:', 'rolldown'], order: ['.'] },
  {
    // The process's ends: cli.ts, command-line.ts.
    room: 'scripts',
    imports: ['scripts/domain', 'scripts/adapters/terminal', 'scripts/console', 'scripts/commands'],
    packages: ['commander'],
    order: ['.'],
  },
];
