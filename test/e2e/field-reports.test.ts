import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LlmStub, startLlmStub } from '../../scripts/rehearsal/llm-stub.ts';
import { TinyProject } from '../support/tiny-project.ts';

const sample = fileURLToPath(new URL('../../examples/intake', import.meta.url));

/**
 * Failures from the field, brought back by the sample app's own switches behind a healthy health check. What the
 * suites of a deploy say of the other switches is told in examples/intake.test.ts; what needs no sample app, in
 * deploy.test.ts.
 */
describe('the sample app, with a failure from the field switched on', () => {
  let project: TinyProject;
  let llm: LlmStub;
  let settings: string;

  beforeAll(async () => {
    llm = await startLlmStub();
    project = await TinyProject.create(sample, (_file, text) =>
      text.replace(
        'lockstep:local: {}',
        `lockstep:local: { llm: { baseUrl: "${llm.url}", model: ${llm.model} } }`,
      ),
    );
    settings = await readFile(path.join(project.project, 'Pulumi.yaml'), 'utf8');
    await project.repository.tag('v1');
    await project.expect(0, 'build', 'v1');
    await project.expect(0, 'deploy', 'staging', 'v1');
  });
  afterAll(async () => {
    await project.remove();
    await llm.close();
  });

  /** Deploys the same release with a switch set for every environment. */
  async function deployWith(name: string, value: string): Promise<string> {
    const switched = settings.replace(
      /( +)LLM_TEMPERATURE:.*\n/,
      (line, indent) => `${line}${indent}${name}: "${value}"\n`,
    );
    expect(switched).not.toBe(settings);
    await writeFile(path.join(project.project, 'Pulumi.yaml'), switched);
    const { stderr } = await project.expect(1, 'deploy', 'staging');
    expect(stderr).toContain('went back to v1');
    return stderr;
  }

  it('S5: sessions in one worker’s memory are caught by the crossing suite of a deploy', async () => {
    const said = await deployWith('SESSION_STORE', 'memory');
    expect(said).toContain('smoke failed');
    expect(said).toContain('session store');
  });

  it('S4: an environment whose Redis is gone is not in step, and status says so', async () => {
    await writeFile(path.join(project.project, 'Pulumi.yaml'), settings);
    const environment = path.join(project.project, '.lockstep/local/intake/staging');
    const { pid } = JSON.parse(
      await readFile(path.join(environment, 'redis/redis-server.process.json'), 'utf8'),
    );
    process.kill(pid, 'SIGKILL');
    let status = await project.run('status', 'staging');
    // The balancer needs three failing checks before it says so.
    while (status.code === 0) status = await project.run('status', 'staging');
    expect(status.stdout).toContain('unhealthy');
  });
});
