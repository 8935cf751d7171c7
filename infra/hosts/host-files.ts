import { tunnel } from './bindings.ts';
import { hostMetrics } from './host-metrics.ts';
import type { UserData } from './user-data-options.ts';

/** Files that user data writes on a host besides its programs. Pure: plain data and text. */

const byName = <T>(record: Record<string, T>): [name: string, value: T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/**
 * `host.json` before a host has filled in `@HOST@` (its instance id), `@ADDRESS@`, and the public key behind
 * each ARN. Keys are those that an agent knows from its provisioning on every target; their values say that
 * this one is AWS.
 */
export function hostTemplate(data: UserData) {
  const ports = byName(data.services).flatMap(([name, port]) =>
    port === null ? [] : [[name, port] as const],
  );
  const urls = ports.map(([name, port]) => [serviceUrlName(name), `http://@ADDRESS@:${port}`] as const);
  return {
    app: data.app,
    environment: data.environment,
    upstream: data.upstream,
    host: '@HOST@',
    address: '@ADDRESS@',
    store: { kind: 's3', bucket: data.store.bucket, region: data.store.region },
    secrets: { kind: 'aws', path: data.secretsPath, region: data.region },
    supervisor: 'systemd',
    sharedDirectory: data.sharedDirectory,
    ports: Object.fromEntries(ports),
    bindings: Object.fromEntries([
      ['SHARED_DIR', data.sharedDirectory],
      ...redisAddress(data),
      ...urls,
      ...byName(data.bindings),
    ]),
    keepReleases: data.keepReleases,
    keys: data.keys,
  };
}

/**
 * `intake-api` is reached under INTAKE_API_URL. The pipeline, which this may not import, spells it the
 * same way.
 */
export function serviceUrlName(service: string): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_URL`;
}

/**
 * Without a login: the agent adds the password, which is never in user data. Ours speaks TLS, by a tunnel or
 * by itself.
 */
function redisAddress({ redisTunnel, bindings }: UserData): [string, string][] {
  if (redisTunnel !== null) return [['REDIS_URL', `redis://${tunnel.host}:${tunnel.port}`]];
  const { REDIS_HOST: host, REDIS_PORT: port, REDIS_USER: user } = bindings;
  return user === undefined ? [] : [['REDIS_URL', `rediss://${host}:${port}`]];
}

/** Reads the start's log and each service's; memory and disk by group, for the alarms. */
export function cloudwatchConfig(data: UserData, root: string) {
  const follow = (file: string, stream: string) => ({
    file_path: file,
    log_group_name: data.logGroup,
    log_stream_name: `{instance_id}/${stream}`,
  });
  return {
    agent: { metrics_collection_interval: 60, region: data.region },
    logs: {
      logs_collected: {
        files: {
          collect_list: [
            follow('/var/log/lockstep/boot.log', 'boot'),
            ...byName(data.services).map(([name]) => follow(`${root}/logs/${name}.log`, name)),
          ],
        },
      },
    },
    metrics: hostMetrics(),
  };
}

/** `ExecStopPost` runs however the start ended, also when its time ran out. */
export function lockstepUnit(data: UserData): string {
  return `[Unit]
Description=Lockstep: bring this host to the last committed order
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/opt/lockstep/boot.sh
ExecStopPost=/opt/lockstep/finish.sh
TimeoutStartSec=${data.bootTimeoutSeconds}
TimeoutStopSec=120
StandardOutput=append:/var/log/lockstep/boot.log
StandardError=inherit

[Install]
WantedBy=multi-user.target
`;
}

/** `delay` asks for the name at each connection: after a failover it means another node. */
export function stunnelConfig({ host, port }: NonNullable<UserData['redisTunnel']>): string {
  return `foreground = quiet
syslog = no
pid =

[redis]
client = yes
accept = ${tunnel.host}:${tunnel.port}
connect = ${host}:${port}
delay = yes
CAfile = /etc/pki/tls/certs/ca-bundle.crt
verifyChain = yes
checkHost = ${host}
sslVersionMin = TLSv1.2
`;
}

export function redisUnit(): string {
  return `[Unit]
Description=Lockstep: Redis behind TLS, on ${tunnel.host}:${tunnel.port}
After=network-online.target

[Service]
ExecStart=/usr/bin/stunnel /etc/lockstep/stunnel.conf
Restart=always
RestartSec=1
DynamicUser=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
NoNewPrivileges=yes

[Install]
WantedBy=multi-user.target
`;
}
