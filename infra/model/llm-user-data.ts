import { quote, renderHostScript } from '../hosts/host-script.ts';
import type { HostLlm } from '../settings/schema/llm-schema.ts';
import { renderVllmCommand } from './facts/vllm-flags.ts';
import { fetchScript, gpuMetrics, probeScript } from './llm-host-files.ts';

/** The server's port on its host; TLS here too, by a certificate that each host makes for itself. */
export const llmPort = 8000;
/** The key under `containers` in pins.json. */
export const llmImage = 'vllm/vllm-openai';

export type LlmUserDataOptions = {
  llm: HostLlm;
  /** `sha256:…` of the official container. */
  imageDigest: string;
  /** Commit of the model. */
  revision: string;
  bucket: string;
  region: string;
  logGroup: string;
};

/**
 * Where the mirror keeps a model: another revision is another folder, so that a host never reads half of
 * each.
 */
export function mirrorPrefix(model: string, revision: string): string {
  return `models/${model}/${revision}`;
}

/**
 * Fills the mirror, from a machine that may reach the model hub: run once for each revision. `SHA256SUMS`
 * goes last and marks the copy as complete. The hub's token, where a model asks for one, stays in that
 * machine's environment.
 */
export function renderMirrorScript({
  model,
  revision,
  bucket,
}: {
  model: string;
  revision: string;
  bucket: string;
}): string {
  const target = `s3://${bucket}/${mirrorPrefix(model, revision)}`;
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    'folder=$(mktemp -d)',
    `trap 'rm -rf "$folder"' EXIT`,
    `hf download ${quote(model)} --revision ${quote(revision)} --local-dir "$folder"`,
    'rm -rf "$folder/.cache"',
    'cd "$folder"',
    `find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS`,
    `aws s3 sync . ${quote(target)} --only-show-errors --exclude SHA256SUMS`,
    `aws s3 cp SHA256SUMS ${quote(`${target}/SHA256SUMS`)} --only-show-errors`,
    '',
  ].join('\n');
}

/**
 * The unit that serves the model: fetched and checked, then the official container by digest, then proved by
 * a tool call.
 */
export function renderLlmUnit({ llm, imageDigest, region, logGroup }: LlmUserDataOptions): string {
  const image = `docker.io/${llmImage}@${imageDigest}`;
  const tls = { key: '/tls/key.pem', certificate: '/tls/cert.pem' };
  const run = [
    ...['/usr/bin/docker', 'run', '--rm', '--name', 'lockstep-llm', '--gpus', 'all', '--ipc', 'host'],
    ...['--security-opt', 'no-new-privileges', '--publish', `${llmPort}:${llmPort}`],
    ...['--volume', '/var/lib/lockstep-llm/model:/model:ro', '--volume', '/var/lib/lockstep-llm/tls:/tls:ro'],
    // Nothing is fetched, and nothing told, but what is listed here.
    ...['--env', 'HF_HUB_OFFLINE=1', '--env', 'VLLM_NO_USAGE_STATS=1'],
    ...['--log-driver', 'awslogs', '--log-opt', `awslogs-region=${region}`],
    ...['--log-opt', `awslogs-group=${logGroup}`, '--log-opt', 'mode=non-blocking'],
    image,
    ...renderVllmCommand(llm, { modelPath: '/model', port: llmPort, tls }),
  ];
  return `[Unit]
Description=Lockstep: ${llm.model} by vLLM
Wants=network-online.target
After=network-online.target docker.service
Requires=docker.service
StartLimitIntervalSec=0

[Service]
ExecStartPre=/opt/lockstep/llm-fetch
ExecStartPre=/usr/bin/docker pull --quiet ${image}
ExecStartPre=-/usr/bin/docker rm --force lockstep-llm
ExecStart=${run.map(unitWord).join(' ')}
ExecStartPost=/opt/lockstep/llm-probe ${llm.startSeconds}
ExecStop=/usr/bin/docker stop --time 30 lockstep-llm
TimeoutStartSec=${llm.startSeconds}
TimeoutStopSec=60
Restart=always
RestartSec=15

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The user data of the model's host: files, then the unit. It holds no secret: the weights come by the host's
 * role, and the model needs no key of its own because only hosts of the environment reach it.
 *
 * @throws RangeError above 16,384 bytes
 */
export function renderLlmUserData(options: LlmUserDataOptions): string {
  const { llm, revision, bucket } = options;
  const source = `s3://${bucket}/${mirrorPrefix(llm.model, revision)}`;
  return renderHostScript({
    about: 'the host of the model.',
    folders: ['/etc/lockstep', '/opt/lockstep', '/var/lib/lockstep-llm'],
    steps: [
      {
        mode: '0755',
        path: '/opt/lockstep/llm-fetch',
        content: fetchScript({ source, revision, model: llm.model }),
      },
      { mode: '0755', path: '/opt/lockstep/llm-probe', content: probeScript({ llm, port: llmPort }) },
      {
        mode: '0644',
        path: '/etc/lockstep/cloudwatch.json',
        content: JSON.stringify(gpuMetrics(options.region)),
      },
      {
        mode: '0644',
        path: '/etc/systemd/system/lockstep-llm.service',
        content: renderLlmUnit(options),
      },
    ],
    unit: 'lockstep-llm.service',
    after: [
      '# Metrics are worth having, and not worth a host without a model.',
      'dnf install -y -q amazon-cloudwatch-agent &&',
      '  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s \\',
      "    -c file:/etc/lockstep/cloudwatch.json || echo 'no metrics from this host' >&2",
    ],
  });
}

/**
 * systemd would expand `%` and `$` and split at blanks; none of the words needs any of them, so they are
 * refused.
 */
function unitWord(word: string): string {
  if (/^[\w./:=@+,-]+$/.test(word)) return word;
  throw new TypeError(`${JSON.stringify(word)} can't be written into a systemd unit unescaped`);
}
