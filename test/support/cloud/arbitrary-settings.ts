import fc from 'fast-check';
import rawPins from '../../../infra/pins.json' with { type: 'json' };
import { resolve } from '../../../infra/settings/config.ts';
import { pinsSchema } from '../../../infra/settings/schema/pins.ts';
import { identityOf, type Subject } from '../../../infra/stack/stack.ts';

/** What decides which resources there are; every other setting only changes values inside of them. */
export type Modes = {
  nat: 'none' | 'single' | 'per-zone';
  network: 'create' | 'existing';
  interfaceEndpoints: boolean;
  redis: 'create' | 'existing' | 'none';
  files: 'create' | 'existing' | 'none';
  llm: 'none' | 'external' | 'host';
  stickiness: 'lb_cookie' | 'app_cookie';
  certificate: 'given' | 'requested';
  dnsRecord: boolean;
  webAcl: boolean;
  /** Services that may run only once, each in a group of its own. */
  lonely: readonly string[];
  secrets: readonly string[];
};

export type RawSettings = { base: unknown; environment: { name: string; values: unknown } };

const pins = pinsSchema.parse(rawPins);
const day = new Date('2026-01-15');

/** Null: refused, as the settings of a person would be. */
export function subjectOf({ base, environment }: RawSettings): Subject | null {
  const resolved = resolve(base, environment, day, { cloud: { pins } });
  if (!resolved.ok) return null;
  const { settings } = resolved;
  return { settings, identity: identityOf(settings), pins };
}

const int = (min: number, max: number) => fc.integer({ min, max });
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6}){0,2}$/);
const variable = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/);
const line = fc.stringMatching(/^[ -~]{0,40}$/);
const hex = fc.stringMatching(/^[0-9a-f]{17}$/);
const days = fc.constantFrom(1, 7, 30, 90, 365, 3653);

const modes = fc.record<Modes>({
  nat: fc.constantFrom('none', 'single', 'per-zone'),
  network: fc.constantFrom('create', 'existing'),
  interfaceEndpoints: fc.boolean(),
  redis: fc.constantFrom('create', 'existing', 'none'),
  files: fc.constantFrom('create', 'existing', 'none'),
  llm: fc.constantFrom('none', 'external', 'host'),
  stickiness: fc.constantFrom('lb_cookie', 'app_cookie'),
  certificate: fc.constantFrom('given', 'requested'),
  dnsRecord: fc.boolean(),
  webAcl: fc.boolean(),
  lonely: fc.subarray(['poller', 'scheduler']),
  secrets: fc.uniqueArray(variable, { maxLength: 3 }),
});

/** Settings as somebody might write them: mostly right, never tailored to what the rules refuse. */
export function rawSettings(fixed: Partial<Modes> = {}): fc.Arbitrary<RawSettings> {
  return modes.chain((drawn) => {
    const mode = { ...drawn, ...fixed };
    return fc
      .tuple(
        int(2, 3).chain((zones) => fc.tuple(baseOf(mode, zones), identityWith(zones))),
        name,
        differences,
      )
      .map(([[base, identity], environment, listed]) => ({
        base,
        environment: {
          name: environment,
          values: { identity, env: { PUBLIC_NAME: environment }, differences: listed },
        },
      }));
  });
}

const differences = fc
  .option(
    fc.record({
      path: fc.constant('fleet.volumeSizeGiB'),
      value: int(20, 500),
      reason: fc.constant('a reason'),
    }),
  )
  .map((one) => (one === null ? [] : [one]));

function baseOf(mode: Modes, zones: number): fc.Arbitrary<unknown> {
  return fc.record({
    app: appOf(mode),
    hub: fc.constant({ account: '999900001111', region: 'eu-central-1' }),
    network: fc.record({
      source: fc.constant(mode.network),
      zones: fc.constant(zones),
      nat: fc.constant(mode.nat),
      interfaceEndpoints: fc.constant(mode.interfaceEndpoints),
      flowLogDays: days,
    }),
    balancer: balancerOf(mode),
    fleet: fc.record({
      hosts: int(1, 6),
      maxHosts: fc.option(int(4, 12)),
      volumeSizeGiB: int(20, 500),
      instanceType: fc.constantFrom('m7i.large', 'm7g.large', 't4g.medium'),
      requestsPerTargetPerMinute: int(1, 100_000),
      cpuPercent: int(10, 90),
      outboundPorts: fc.constantFrom([443], [443, 8443]),
    }),
    redis: fc.record({
      source: fc.constant(mode.redis),
      nodes: int(1, 6),
      tunnel: fc.boolean(),
      engine: fc.constantFrom('valkey-8.0', 'redis-7.1'),
      evictionPolicy: fc.constantFrom('noeviction', 'allkeys-lru'),
      snapshotDays: fc.constantFrom(0, 7, 35),
    }),
    files: fc.record({
      source: fc.constant(mode.files),
      backup: fc.boolean(),
      uid: int(1, 65_533),
      infrequentAccessDays: fc.constantFrom(null, 1, 30),
    }),
    llm: llmOf(mode),
    observability: fc.record({ email: fc.boolean(), logDays: days, serverErrors: int(1, 100) }),
    budget: fc.record({ monthlyUsd: fc.option(int(1, 100_000)) }),
    pipeline: fc.constant({ roleSessionSeconds: 43_200, jobTimeoutMinutes: 360 }),
  });
}

function appOf({ lonely, secrets }: Modes): fc.Arbitrary<unknown> {
  const times = { graceSeconds: int(1, 120), stopTimeoutSeconds: int(1, 120) };
  const alone = fc.record({ ...times, replicas: fc.constant('exactly-one') });
  const web = fc.record({
    ...times,
    port: int(1024, 65_535),
    healthPath: fc.constant('/health'),
    longestRequestSeconds: int(15, 120),
    replicas: fc.constantFrom('many', 'many', 'exactly-one'),
  });
  return fc.record({
    name,
    public: fc.constant('web'),
    services: fc.record({ web, ...Object.fromEntries(lonely.map((service) => [service, alone])) }),
    env: fc.dictionary(variable, line, { maxKeys: 4 }),
    secrets: fc.constant(secrets),
  });
}

function balancerOf(mode: Modes): fc.Arbitrary<unknown> {
  const durationSeconds = int(1, 604_800);
  const { certificate, dnsRecord, webAcl } = mode;
  const stickiness =
    mode.stickiness === 'lb_cookie'
      ? fc.record({ type: fc.constant('lb_cookie'), durationSeconds })
      : fc.record({ type: fc.constant('app_cookie'), cookieName: variable, durationSeconds });
  return fc.record({
    stickiness,
    certificate: fc.constant(certificate),
    dnsRecord: fc.constant(dnsRecord),
    webAcl: fc.constant(webAcl),
    deletionProtection: fc.boolean(),
    accessLogDays: int(1, 3650),
    tlsPolicy: fc.constantFrom('ELBSecurityPolicy-TLS13-1-3-2021-06', 'ELBSecurityPolicy-TLS13-1-2-2021-06'),
    slowStartSeconds: fc.constantFrom(0, 30, 900),
    healthIntervalSeconds: int(6, 20),
    idleTimeoutSeconds: fc.option(int(60, 4000)),
  });
}

function llmOf({ llm }: Modes): fc.Arbitrary<unknown> {
  const timeoutSeconds = int(1, 30);
  if (llm === 'none') return fc.constant({ mode: 'none' });
  if (llm === 'external') {
    const baseUrl = fc.constant('https://models.example.com/v1');
    return fc.record({ mode: fc.constant('external'), baseUrl, model: name, timeoutSeconds });
  }
  return fc.record({
    mode: fc.constant('host'),
    model: fc.constant('meta-llama/Llama-3.1-8B-Instruct'),
    timeoutSeconds,
    instanceType: fc.constantFrom('g6.xlarge', 'g5.2xlarge', 'g6e.xlarge'),
    maxModelLength: int(512, 40_000),
    toolCalls: fc.boolean(),
    volumeSizeGiB: int(75, 500),
  });
}

/** Names everything that any mode may ask for: what isn't asked for must not matter. */
function identityWith(zones: number): fc.Arbitrary<unknown> {
  const subnets = fc.array(
    hex.map((id) => `subnet-${id}`),
    { minLength: zones, maxLength: zones },
  );
  const group = hex.map((id) => `sg-${id}`);
  const account = fc.stringMatching(/^\d{12}$/);
  return account.chain((own) => {
    const arn = (service: string, rest: string) =>
      fc.constant(`arn:aws:${service}:eu-central-1:${own}:${rest}`);
    return fc.record({
      account: fc.constant(own),
      region: fc.constant('eu-central-1'),
      cidr: fc.tuple(int(0, 255), int(16, 21)).map(([second, bits]) => `10.${second}.0.0/${bits}`),
      domain: name.map((label) => `${label}.example.com`),
      certificate: arn('acm', 'certificate/1'),
      alarmAddress: fc.constant('alarms@example.com'),
      hostedZone: fc.constant('Z0123456789ABC'),
      webAcl: arn('wafv2', 'regional/webacl/a/b'),
      network: fc.record({
        vpcId: hex.map((id) => `vpc-${id}`),
        publicSubnetIds: subnets,
        privateSubnetIds: subnets,
        isolatedSubnetIds: subnets,
      }),
      fileSystem: fc.record({ id: hex.map((id) => `fs-${id}`), securityGroupId: group }),
      redis: fc.record({
        id: name,
        host: fc.constant('redis.internal'),
        port: int(1, 65_535),
        tls: fc.boolean(),
        securityGroupId: group,
      }),
    });
  });
}
