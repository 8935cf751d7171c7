import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderUserData } from '../../../infra/hosts/user-data.ts';
import { userDataExample } from '../../support/cloud/user-data-example.ts';
import { skippedBecause } from '../../support/run/skipped-because.ts';
import { BootMachine, mountsUnder, prepareRoot, whyNoMachine } from '../../support/servers/boot-machine.ts';

/**
 * The boot contract, carried out by a real systemd, bash, mount, tar, stunnel and Node. What AWS would bring
 * is a small recording stand-in (test/fixtures/boot-stand-ins): curl (IMDSv2 alone), aws (s3 cp, kms,
 * autoscaling, logs), dnf, mount.efs, amazon-cloudwatch-agent-ctl, the agent itself. Not proved here: Amazon
 * Linux, cloud-init, EFS and IAM.
 */
const fixtures = path.join(import.meta.dirname, '../../fixtures/boot-stand-ins');
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('the boot contract in a booted machine', skippedBecause(whyNoMachine()), () => {
  let machine: BootMachine;
  let standIns: string;
  let userData: string;
  const write = (name: string, text: string) => writeFileSync(path.join(standIns, name), text);
  const read = (name: string) => {
    const file = path.join(standIns, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const calls = () => read('calls').split('\n').slice(0, -1);
  const told = () => calls().filter((call) => call.startsWith('aws autoscaling'));
  const hook = (result: string) =>
    `aws autoscaling complete-lifecycle-action --lifecycle-hook-name launch --auto-scaling-group-name intake-group --instance-id i-0123456789abcdef0 --lifecycle-action-result ${result}`;

  /** As cloud-init does; then waits for the unit and for what follows it. */
  const launch = () => {
    const written = machine.run('bash -s', userData);
    expect(written).toEqual({ status: 0, output: '' });
    return ended();
  };
  const log = () => machine.run('tail -n 30 /var/log/lockstep/boot.log').output;
  const ended = () =>
    machine.run(
      'systemctl start lockstep-boot.service 2>/dev/null; while :; do state=$(systemctl show -P ActiveState lockstep-boot.service); ' +
        'case $state in inactive|failed) echo $state; exit;; esac; sleep 0.2; done',
    ).output;

  beforeAll(async () => {
    prepareRoot();
    machine = new BootMachine([`${process.execPath}:/stand-ins/node`]);
    standIns = path.join(machine.root, 'stand-ins');
    mkdirSync(path.join(standIns, 'bucket'), { recursive: true });
    write('node', '');
    cpSync(fixtures, standIns, { recursive: true });
    for (const name of ['curl', 'aws', 'dnf']) {
      copyFileSync(path.join(fixtures, name), path.join(machine.root, 'usr/bin', name));
    }
    execFileSync('bash', [
      '-c',
      `cd "$1" && mv usr/bin/stunnel4 stand-ins/stunnel.real && rm usr/bin/stunnel
      : >etc/fstab
      mkdir -p etc/pki/tls/certs && cp stand-ins/certificate.pem etc/pki/tls/certs/ca-bundle.crt
      mkdir -p archive/node/bin && cp stand-ins/node-wrapper archive/node/bin/node
      tar -czf stand-ins/bucket/node.tar.gz -C archive node`,
      'prepare',
      machine.root,
    ]);
    const [node, agent] = [path.join(standIns, 'bucket/node.tar.gz'), path.join(fixtures, 'agent.mjs')];
    userData = renderUserData({
      ...userDataExample,
      agentSha256: sha256(agent),
      node: { version: process.versions.node, sha256: sha256(node) },
      tries: 2,
      mountTries: 4,
      pauseSeconds: 0,
    });
    copyFileSync(agent, path.join(standIns, `bucket/${sha256(agent)}.mjs`));
    copyFileSync(node, path.join(standIns, `bucket/${sha256(node)}.tar.gz`));
    await machine.start();
  });

  afterAll(async () => {
    await machine.remove();
    expect(mountsUnder(machine.directory)).toEqual([]);
    expect(existsSync(machine.directory)).toBe(false);
  });

  /**
   * Each test undoes the steps that it looks at; the others find their work done, which is their own rule.
   */
  const undo = (commands: string) => machine.run(commands);
  beforeEach(() => {
    for (const [name, text] of Object.entries({
      broken: '',
      'mount-failures': '0',
      calls: '',
      'tail.json': '',
    })) {
      write(name, text);
    }
    execFileSync('truncate', ['--size=0', path.join(machine.directory, 'console')]);
  });

  test('a bare host ends with its mounts, tunnel, Node and agent, and the hook hears CONTINUE', () => {
    write('mount-failures', '2');
    expect(launch(), log()).toBe('inactive\n');
    expect(told()).toEqual([hook('CONTINUE')]);
    const state = machine.run(
      'stat -c %T -f /srv/lockstep/shared; cat /etc/fstab; systemctl is-active lockstep-redis; systemctl is-enabled lockstep-boot lockstep-redis; ' +
        '(exec 3<>/dev/tcp/127.0.0.1/6379) && echo redis; stat -c %a /opt/lockstep/agent.mjs -L; id lockstep',
    );
    expect(state.output).toBe(
      'tmpfs\nfs-0123456789abcdef0 /srv/lockstep/shared efs _netdev,tls,iam,accesspoint=fsap-0123456789abcdef0 0 0\n' +
        'active\nenabled\nenabled\nredis\n444\nuid=10001(lockstep) gid=10001(lockstep) groups=10001(lockstep)\n',
    );
    expect(calls().filter((call) => call.startsWith('agent'))).toEqual([
      'agent --max-semi-space-size=1 --max-old-space-size=64 --no-maglev --no-opt boot --root /var/lib/lockstep {} i-0123456789abcdef0 10.0.3.7',
    ]);
    expect(calls().filter((call) => call.startsWith('mount.efs'))).toHaveLength(3);
    expect(calls().filter((call) => call.startsWith('dnf'))).toEqual([
      'dnf -y -q install amazon-cloudwatch-agent amazon-efs-utils stunnel',
    ]);
    const { keys } = JSON.parse(machine.run('cat /var/lib/lockstep/host.json').output);
    const types = Object.values<string>(keys).map((key) => createPublicKey(key).asymmetricKeyType);
    expect(types).toEqual(['ed25519', 'ed25519', 'ed25519']);
    expect(calls().filter((call) => call.startsWith('aws kms'))).toContain(
      'aws kms get-public-key --region eu-central-1 --key-id arn:aws:kms:eu-central-1:999900001111:alias/lockstep-build --query PublicKey --output text',
    );
    const units = machine.run('systemd-analyze verify /etc/systemd/system/lockstep-*.service');
    expect(units).toEqual({ status: 0, output: '' });
  });

  test('done twice it fetches, installs and mounts nothing again, and a later start of the machine needs no hook', async () => {
    launch();
    const first = calls().length;
    expect(launch(), log()).toBe('inactive\n');
    const again = calls().slice(first);
    expect(again.filter((call) => /^(dnf|mount|aws s3)/.test(call))).toEqual([]);
    expect(machine.run('wc -l </etc/fstab').output).toBe('1\n');

    write('broken', 'no-hook\n');
    await machine.stop();
    write('calls', '');
    await machine.start();
    expect(ended()).toBe('inactive\n');
    expect(calls().filter((call) => call.startsWith('agent')).length).toBeGreaterThan(0);
    expect(machine.run('stat -c %T -f /srv/lockstep/shared').output).toBe('tmpfs\n');
    expect(calls().filter((call) => /^(dnf|aws s3)/.test(call))).toEqual([]);
  });

  test.each([
    ['packages', 'dnf', 'no such repository', 'rm -rf /opt/aws'],
    ['cloudwatch', 'cloudwatch', 'the configuration is not valid', ''],
    ['node_runtime', 's3', 'Could not connect to the endpoint URL', 'rm -rf /opt/lockstep/node*'],
    ['node_runtime', 'node', `Node is v0.0.1, not v${process.versions.node}`, ''],
    ['provisioning', 'kms', 'AccessDeniedException', ''],
    ['release', 'agent', 'the order\'s \\"signature\\" is not known', ''],
    ['release', 'health', '"healthy":false', ''],
  ])('step %s fails by %s: the hook hears ABANDON, people read why', (step, broken, words, undone) => {
    undo(undone);
    write('broken', `${broken}\n`);
    expect(launch(), log()).toBe('failed\n');
    abandoned(step, words);
  });

  function abandoned(step: string, words: string): void {
    expect(told()).toEqual([hook('ABANDON')]);
    const [event] = JSON.parse(read('tail.json')) as { message: string; timestamp: number }[];
    expect(event?.message).toContain(words);
    expect(event?.message).toContain(`lockstep-boot: step ${step} failed`);
    expect(machine.console).toContain(`step ${step} failed`);
    expect(calls().filter((call) => call.startsWith('aws logs'))).toHaveLength(2);
  }

  test('a name that never resolves ends the start after a bounded number of tries', () => {
    undo('umount /srv/lockstep/shared');
    write('mount-failures', '100');
    expect(launch(), log()).toBe('failed\n');
    abandoned('files', 'Failed to resolve');
    expect(calls().filter((call) => call.startsWith('mount.efs'))).toHaveLength(4);
  });

  test('a tunnel that does not start ends the start', () => {
    machine.run('mv /etc/pki/tls/certs/ca-bundle.crt /ca-bundle.crt');
    expect(launch(), log()).toBe('failed\n');
    machine.run('mv /ca-bundle.crt /etc/pki/tls/certs/ca-bundle.crt');
    abandoned('tunnel', 'try 9 of 10 failed: tunnel_answers');
  });

  test('an agent of other bytes is not kept, let alone run', () => {
    undo('rm -rf /opt/lockstep/agents');
    const name = `bucket/${sha256(path.join(fixtures, 'agent.mjs'))}.mjs`;
    const right = read(name);
    write(name, `${right}// and more`);
    expect(launch(), log()).toBe('failed\n');
    write(name, right);
    abandoned('agent', 'does not have the SHA-256');
    expect(machine.run('ls /opt/lockstep/agents').output).toBe('');
    expect(calls().filter((call) => call.startsWith('agent '))).toEqual([]);
  });

  test('a step that hangs is ended by the unit, and the hook still hears of it', () => {
    undo(
      'rm -rf /opt/aws; mkdir -p /run/systemd/system/lockstep-boot.service.d; ' +
        'printf "[Service]\\nTimeoutStartSec=4\\n" >/run/systemd/system/lockstep-boot.service.d/short.conf',
    );
    write('broken', 'dnf-hangs\n');
    expect(launch(), log()).toBe('failed\n');
    undo('rm -r /run/systemd/system/lockstep-boot.service.d; systemctl daemon-reload');
    expect(told()).toEqual([hook('ABANDON')]);
    expect(machine.console).toContain('failed (timeout)');
  });

  test('without IMDS nobody can be told, and the console says so', () => {
    write('broken', 'imds\n');
    expect(launch(), log()).toBe('failed\n');
    expect(told()).toEqual([]);
    expect(machine.console).toContain('the hook ends by its own time-out');
  });

  test('without a file system the shared directory is its own, and belongs to whom services run as', () => {
    undo('umount /srv/lockstep/shared; rmdir /srv/lockstep/shared; : >/etc/fstab; systemctl daemon-reload');
    const withFiles = userData;
    userData = userData.replace(/^FILE_SYSTEM='.*'$/m, "FILE_SYSTEM=''");
    expect(launch(), log()).toBe('inactive\n');
    userData = withFiles;
    expect(machine.run('stat -c "%U %a" /srv/lockstep/shared; cat /etc/fstab').output).toBe('lockstep 755\n');
  });

  test('a hook that cannot be told makes the unit fail, though the host runs', () => {
    write('broken', 'hook\n');
    expect(launch(), log()).toBe('failed\n');
    expect(told()).toEqual([hook('CONTINUE'), hook('CONTINUE')]);
  });
});
