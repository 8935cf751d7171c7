import { readFileSync } from 'node:fs';
import { cloudwatchConfig, hostTemplate, lockstepUnit, redisUnit, stunnelConfig } from './host-files.ts';
import { type HostFile, quote, renderHostScript } from './host-script.ts';
import { type UserData, type UserDataOptions, userDataSchema } from './user-data-options.ts';

/**
 * Options of Node for each run of the agent: hosts are small. The same as the pipeline's own
 * `agentNodeOptions`, which this room can't import; a test compares them.
 */
export const bootNodeOptions = [
  '--max-semi-space-size=1',
  '--max-old-space-size=64',
  '--no-maglev',
  '--no-opt',
] as const;

/** Where the agent keeps what is this host's own. */
const hostRoot = '/var/lib/lockstep';

/**
 * The steps themselves: programs of the shell with files of their own. Their comments stay at home: bytes are
 * few.
 */
const shell = (name: string) =>
  readFileSync(new URL(`../boot/${name}`, import.meta.url), 'utf8').replace(/^ *#(?!!).*\n/gm, '');
const programs = { common: shell('common.sh'), boot: shell('boot.sh'), finish: shell('finish.sh') };

/**
 * The user data of a host: files, and `lockstep-boot.service`, which mounts, connects, fetches Node and the
 * agent, runs `agent boot` and answers the lifecycle hook. Pure.
 *
 * @throws ZodError for an option that is not what it should be; RangeError above 16,384 bytes.
 */
export function renderUserData(options: UserDataOptions): string {
  const data = userDataSchema.parse(options);
  const text = (path: string, content: string): HostFile => ({ mode: '0644', path, content });
  const program = (path: string, content: string): HostFile => ({ mode: '0755', path, content });
  return renderHostScript({
    about: 'files first, then the unit that does the work at every start.',
    folders: ['/etc/lockstep', '/opt/lockstep', '/var/log/lockstep'],
    steps: [
      text('/etc/lockstep/boot.env', bootEnvironment(data)),
      text('/opt/lockstep/common.sh', programs.common),
      program('/opt/lockstep/finish.sh', programs.finish),
      // From here on a failure is told to the hook.
      `trap 'code=$?; ((code == 0)) || SERVICE_RESULT=user-data /opt/lockstep/finish.sh' EXIT`,
      program('/opt/lockstep/boot.sh', programs.boot),
      text('/etc/lockstep/host.template.json', JSON.stringify(hostTemplate(data))),
      text('/etc/lockstep/cloudwatch.json', JSON.stringify(cloudwatchConfig(data, hostRoot))),
      text('/etc/systemd/system/lockstep-boot.service', lockstepUnit(data)),
      ...(data.redisTunnel === null
        ? []
        : [
            text('/etc/lockstep/stunnel.conf', stunnelConfig(data.redisTunnel)),
            text('/etc/systemd/system/lockstep-redis.service', redisUnit()),
          ]),
    ],
    unit: 'lockstep-boot.service',
  });
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
    VERIFY_KEYS: Object.values(data.keys)
      .filter((key) => key !== null)
      .join(' '),
    NODE_OPTIONS_OF_AGENT: bootNodeOptions.join(' '),
    FILE_SYSTEM: data.files?.fileSystem ?? '',
    ACCESS_POINT: data.files?.accessPoint ?? '',
    SHARED_DIRECTORY: data.sharedDirectory,
    SERVICE_UID: String(data.user.uid),
    SERVICE_GID: String(data.user.gid),
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
