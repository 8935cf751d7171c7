import { readFileSync } from 'node:fs';
import { cloudwatchConfig, hostTemplate, lockstepUnit, redisUnit, stunnelConfig } from './host-files.ts';
import { type UserData, type UserDataOptions, userDataSchema } from './user-data-options.ts';

/** EC2's limit, in bytes before base64 (EC2 user guide, "User data"). */
export const maximumUserDataBytes = 16_384;

/**
 * Options of Node for each run of the agent: hosts are small. The same as the pipeline's own `agentNodeOptions`, which
 * this room can't import; a test compares them.
 */
export const bootNodeOptions = ['--max-semi-space-size=1', '--max-old-space-size=64'] as const;

/** Where the agent keeps what is this host's own. */
export const hostRoot = '/var/lib/lockstep';

/** The steps themselves: programs of the shell with files of their own. Their comments stay at home: bytes are few. */
const shell = (name: string) =>
  readFileSync(new URL(`boot/${name}`, import.meta.url), 'utf8').replace(/^ *#(?!!).*\n/gm, '');
const programs = { common: shell('common.sh'), boot: shell('boot.sh'), finish: shell('finish.sh') };

const end = 'END-OF-LOCKSTEP-FILE';

/**
 * The user data of a host: a shell script that cloud-init runs once. It writes files and starts `lockstep-boot.service`,
 * which does the work then and at each later start: mount, tunnel, Node, agent, `agent boot`, and the answer to the
 * lifecycle hook. Pure: equal options give equal bytes, or each plan would replace the launch template.
 *
 * @throws ZodError for an option that is not what it should be; RangeError above 16,384 bytes.
 */
export function renderUserData(options: UserDataOptions): string {
  const data = userDataSchema.parse(options);
  const files = [
    file('0644', '/etc/lockstep/boot.env', bootEnvironment(data)),
    file('0644', '/opt/lockstep/common.sh', programs.common),
    file('0755', '/opt/lockstep/finish.sh', programs.finish),
    // From here on a failure is told to the hook.
    `trap 'code=$?; ((code == 0)) || SERVICE_RESULT=user-data /opt/lockstep/finish.sh' EXIT\n`,
    file('0755', '/opt/lockstep/boot.sh', programs.boot),
    file('0644', '/etc/lockstep/host.template.json', `${JSON.stringify(hostTemplate(data))}\n`),
    file('0644', '/etc/lockstep/cloudwatch.json', `${JSON.stringify(cloudwatchConfig(data, hostRoot))}\n`),
    file('0644', '/etc/systemd/system/lockstep-boot.service', lockstepUnit(data)),
    ...(data.redisTunnel === null
      ? []
      : [
          file('0644', '/etc/lockstep/stunnel.conf', stunnelConfig(data.redisTunnel)),
          file('0644', '/etc/systemd/system/lockstep-redis.service', redisUnit()),
        ]),
  ];
  const script = [
    '#!/bin/bash',
    '# Written by the cloud program. Files first, then the unit that does the work at every start.',
    'set -euo pipefail',
    'mkdir -p /etc/lockstep /opt/lockstep /var/log/lockstep',
    `put() { cat >"$2.part" && chmod "$1" "$2.part" && mv "$2.part" "$2"; }`,
    `${files.join('')}systemctl daemon-reload`,
    'systemctl enable -q lockstep-boot.service',
    'systemctl start --no-block lockstep-boot.service',
    '',
  ].join('\n');
  const bytes = Buffer.byteLength(script);
  if (bytes > maximumUserDataBytes) {
    throw new RangeError(
      `user data of ${bytes} bytes; EC2 takes at most ${maximumUserDataBytes}. Fix: fewer or shorter bindings and services`,
    );
  }
  return script;
}

/** What the shell programs read, each value quoted. */
function bootEnvironment(data: UserData): string {
  const values = {
    REGION: data.region,
    BUCKET: data.store.bucket,
    BUCKET_REGION: data.store.region,
    AGENT_SHA256: data.agentSha256,
    NODE_VERSION: data.node.version,
    NODE_SHA256: data.node.sha256,
    NODE_OPTIONS_OF_AGENT: bootNodeOptions.join(' '),
    FILE_SYSTEM: data.files?.fileSystem ?? '',
    ACCESS_POINT: data.files?.accessPoint ?? '',
    SHARED_DIRECTORY: data.sharedDirectory,
    REDIS_HOST: data.redisTunnel?.host ?? '',
    HOOK: data.hook,
    LOG_GROUP: data.logGroup,
    ROOT: hostRoot,
    BOOT_TRIES: String(data.tries),
    MOUNT_TRIES: String(data.mountTries),
    BOOT_PAUSE: String(data.pauseSeconds),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('');
}

/** One word of the shell, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A file by a quoted here-document: the shell expands nothing in it. */
function file(mode: string, path: string, content: string): string {
  if (content.split('\n').includes(end)) throw new RangeError(`${path} holds the line ${end}`);
  return `put ${mode} ${quote(path)} <<'${end}'\n${content.replace(/\n?$/, '\n')}${end}\n`;
}
