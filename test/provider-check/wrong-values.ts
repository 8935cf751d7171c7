/** A wrong value, and what each of the two says of it. */
export type WrongValue = {
  /** A stack's settings (the environment's own keys start with `identity`), or the foundation's. */
  of: 'stack' | 'foundation';
  path: string;
  value: unknown;
  /** Right values, by path, that the wrong one needs to reach a resource at all. */
  given?: Readonly<Record<string, unknown>>;
} & (
  | { provider: RegExp }
  /** The provider takes it: why only AWS, or nobody, would refuse. */
  | { unchecked: string }
);

const api = 'left to the API';
const webAcl =
  'arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/intake/00000000-0000-4000-8000-000000000003';
const hostedZone = { 'identity.hostedZone': 'Z0123456789ABC' };

/**
 * Ours is asked first, and refuses all of these; the provider is asked by the same program, its schema taken
 * away.
 */
export const wrongValues: readonly WrongValue[] = [
  {
    of: 'stack',
    path: 'balancer.stickiness.type',
    value: 'lbCookie',
    provider: /expected stickiness\.0\.type to be one of .*"lb_cookie"/,
  },
  {
    of: 'stack',
    path: 'balancer.stickiness.durationSeconds',
    value: 604_801,
    provider: /expected stickiness\.0\.cookie_duration to be in the range \(0 - 604800\)/,
  },
  {
    of: 'stack',
    path: 'balancer.stickiness',
    value: { type: 'app_cookie', cookieName: 'AWSALBAPP-0', durationSeconds: 60 },
    unchecked: `names that the balancer keeps for itself: ${api}`,
  },
  {
    of: 'stack',
    path: 'balancer.healthIntervalSeconds',
    value: 4,
    given: { 'balancer.healthTimeoutSeconds': 3 },
    provider: /expected health_check\.0\.interval to be in the range \(5 - 300\)/,
  },
  {
    of: 'stack',
    path: 'balancer.healthTimeoutSeconds',
    value: 1,
    provider: /expected health_check\.0\.timeout to be in the range \(2 - 120\)/,
  },
  {
    of: 'stack',
    path: 'balancer.healthyThreshold',
    value: 1,
    provider: /expected health_check\.0\.healthy_threshold to be in the range \(2 - 10\)/,
  },
  {
    of: 'stack',
    path: 'balancer.unhealthyThreshold',
    value: 11,
    provider: /expected health_check\.0\.unhealthy_threshold to be in the range \(2 - 10\)/,
  },
  { of: 'stack', path: 'balancer.slowStartSeconds', value: 29, provider: /slow_start/ },
  {
    of: 'stack',
    path: 'balancer.tlsPolicy',
    value: 'TLS13',
    unchecked: `names of security policies: ${api}`,
  },
  { of: 'stack', path: 'balancer.accessLogDays', value: 0, unchecked: `days of an expiration: ${api}` },
  {
    of: 'stack',
    path: 'app.services.web.healthPath',
    value: 'health',
    provider: /expected health_check\.0\.path to have prefix \//,
  },
  {
    of: 'stack',
    path: 'app.secrets',
    value: ['API KEY'],
    provider: /only alphanumeric characters and \/_\+=\.@- special characters are allowed/,
  },
  { of: 'stack', path: 'fleet.outboundPorts', value: [443, 70_000], provider: /between -1 and 65535/ },
  { of: 'stack', path: 'fleet.volumeSizeGiB', value: 16_385, unchecked: `sizes of volumes: ${api}` },
  {
    of: 'stack',
    path: 'redis.snapshotDays',
    value: 36,
    provider: /expected snapshot_retention_limit to be at most \(35\)/,
  },
  {
    of: 'stack',
    path: 'redis.maintenanceWindow',
    value: 'sunday',
    provider: /\(sunday\) must satisfy the format of "ddd:hh24:mi-ddd:hh24:mi"/,
  },
  {
    of: 'stack',
    path: 'redis.snapshotWindow',
    value: '25:00-26:00',
    provider: /\(25:00-26:00\) must satisfy the format of "hh24:mi-hh24:mi"/,
  },
  { of: 'stack', path: 'redis.evictionPolicy', value: 'never', unchecked: `values of parameters: ${api}` },
  { of: 'stack', path: 'redis.nodeType', value: 'm7g.large', unchecked: `node types: ${api}` },
  {
    of: 'stack',
    path: 'files.infrequentAccessDays',
    value: 31,
    provider: /expected transition_to_ia to be one of .*AFTER_31_DAYS/,
  },
  {
    of: 'stack',
    path: 'network.flowLogDays',
    value: 31,
    provider: /expected retention_in_days to be one of/,
  },
  {
    of: 'stack',
    path: 'observability.logDays',
    value: 100,
    provider: /expected retention_in_days to be one of/,
  },
  {
    of: 'stack',
    path: 'observability.latencySeconds',
    value: 0,
    unchecked: 'a threshold of 0 is a legal alarm, which always rings',
  },
  { of: 'stack', path: 'budget.monthlyUsd', value: -1, unchecked: `amounts of a budget: ${api}` },
  {
    of: 'stack',
    path: 'identity.certificate',
    value: 'arn:certificate',
    provider: /certificate_arn.*is an invalid ARN/,
  },
  {
    of: 'stack',
    path: 'identity.webAcl',
    value: 'web-acl',
    given: { 'balancer.webAcl': true, 'identity.webAcl': webAcl },
    provider: /web_acl_arn.*is an invalid ARN/,
  },
  {
    of: 'stack',
    path: 'identity.domain',
    value: 'Intake Staging',
    given: { 'balancer.dnsRecord': true, ...hostedZone },
    unchecked: `names of records: ${api}`,
  },
  {
    of: 'stack',
    path: 'identity.alarmAddress',
    value: 'nobody',
    unchecked: `addresses of subscribers: ${api}`,
  },
  {
    of: 'foundation',
    path: 'deploySessionSeconds',
    value: 43_201,
    provider: /expected max_session_duration to be in the range \(3600 - 43200\)/,
  },
  {
    of: 'foundation',
    path: 'app',
    value: 'my app',
    provider: /invalid value for name \(must match \[\\w\+=,\.@-\]\)/,
  },
];
