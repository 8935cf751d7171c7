import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { recordStack } from '../../scripts/adapters/pulumi/stack-recorder.ts';
import { typeAndName } from '../../scripts/domain/plan/preview.ts';
import { exampleSubject } from '../support/cloud/example-settings.ts';
import { copyProject, serveStub } from '../support/engine/engine-project.ts';
import { startMonitor } from '../support/engine/stand-in-monitor.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';

const runner = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run');

/**
 * Pulumi's own runner loads programs under a debugger: minutes of processor time where a recording takes
 * seconds.
 */
const notAsked =
  process.env.LOCKSTEP_ENGINE_TESTS === '1'
    ? null
    : 'minutes of processor time: LOCKSTEP_ENGINE_TESTS=1 npx vitest run test/engine/program.test.ts';

/** Against hanging. */
const patienceMilliseconds = 840_000;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** As the engine hands it on: what isn't a text, as JSON. */
async function configOf(directory: string, stack: string): Promise<Record<string, string>> {
  const read = async (file: string) => parse(await readFile(path.join(directory, file), 'utf8')).config;
  const shared: Record<string, { value: unknown }> = await read('Pulumi.yaml');
  const own: Record<string, unknown> = await read(`Pulumi.${stack}.yaml`);
  const values = {
    ...Object.fromEntries(Object.entries(shared).map(([key, { value }]) => [key, value])),
    ...own,
  };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** Runs `infra/index.ts` by the module that the engine's language host runs it by. */
async function runProgram(directory: string, stack: string, address: string, signal: AbortSignal) {
  const flags = ['--project=lockstep', `--stack=${stack}`, '--organization=organization', '--parallel=16'];
  const child = spawn(
    process.execPath,
    [runner, `--monitor=${address}`, `--engine=${address}`, ...flags, `--pwd=${directory}/infra`, 'index.ts'],
    {
      cwd: path.join(directory, 'infra'),
      env: {
        PATH: process.env.PATH,
        PULUMI_CONFIG: JSON.stringify(await configOf(directory, stack)),
        PULUMI_NODEJS_TYPESCRIPT: 'false',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]),
    },
  );
  child.on('error', () => undefined); // Said by its exit as well.
  const [code] = await once(child, 'exit');
  return code;
}

test(
  'infra/index.ts, run as the engine runs it, makes what the recorder records [a stand-in creates; state, diff and protection are not proved]',
  skippedBecause(notAsked),
  async () => {
    // One of the two: they are one program, and the other differs by what is listed.
    const stack = 'production';
    const project = await copyProject(stack);
    undo.push(project.remove);
    const stub = await serveStub();
    undo.push(stub.stop);
    const monitor = await startMonitor(stack, stub.port);
    undo.push(monitor.stop);

    const code = await runProgram(project.directory, stack, monitor.address, monitor.refused);
    const { urns, complaints, outputs } = monitor.seen();
    expect(complaints).toEqual([]);
    expect(code).toBe(0);

    const subject = exampleSubject(stack);
    const graph = await recordStack(subject);
    const own = urns.filter((urn) => !/::pulumi:pulumi:Stack::|awsx:ec2:Vpc\$/.test(urn));
    expect(own.map((urn) => Object.values(typeAndName(urn)).join(' ')).sort()).toEqual(
      graph.resources.map(({ type, name }) => `${type} ${name}`).sort(),
    );
    expect(urns.filter((urn) => urn.includes('awsx:ec2:Vpc$')).length).toBeGreaterThan(25);
    expect(outputs).toMatchObject({
      contract: {
        environment: stack,
        vpcId: '«Vpc-network-vpc.id»',
        url: `https://${subject.identity.domain}`,
      },
    });
  },
);
