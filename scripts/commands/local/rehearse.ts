import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileSecrets } from '../../adapters/local/secret-file.ts';
import { readAppManifest } from '../../adapters/settings/app-manifest-file.ts';
import { systemClock } from '../../adapters/terminal/system-clock.ts';
import type { Context, Register, Result } from '../../console/command.ts';
import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { publicService } from '../../domain/app/manifest-names.ts';
import { usage } from '../../domain/errors.ts';
import { playActs } from '../../rehearsal/acts.ts';
import { generateSettings } from '../../rehearsal/generated-settings.ts';
import { type LlmStub, startLlmStub } from '../../rehearsal/llm-stub.ts';
import { Repository } from '../../rehearsal/repository.ts';
import { startLoad } from '../../rehearsal/steady-load.ts';
import { Story } from '../../rehearsal/story.ts';
import { Verbs } from '../../rehearsal/verbs.ts';
import { LocalTarget } from '../../targets/local/local-target.ts';

const sample = fileURLToPath(new URL('../../../examples/intake', import.meta.url));

type Options = { app?: string; keep?: true };

/** `verbs`: the verbs that the rehearsal runs. */
export const rehearse =
  (verbs: readonly Register[]): Register =>
  (program, run) => {
    program
      .command('rehearse')
      .summary('show a whole release cycle on this machine')
      .description(
        'Builds an app, deploys it to a staging with two hosts, promotes it under load to a production with three, and\n' +
          'tries to make the two diverge. Everything is real and runs on this machine alone; it is stopped at the end.',
      )
      .option('--app <dir>', 'use another app: a git repository with lockstep.yaml and at least two tags')
      .option('--keep', 'keep everything running until Ctrl-C, and print the URLs')
      .addHelpText('after', '\nExample: lockstep rehearse --keep')
      .action(run((context, options: Options) => rehearseApp(context, verbs, options)));
  };

async function rehearseApp(
  context: Context,
  registers: readonly Register[],
  options: Options,
): Promise<Result> {
  const place = await mkdtemp(path.join(os.tmpdir(), 'lockstep-rehearsal-'));
  const project = path.join(place, 'infrastructure');
  const verbs = new Verbs(registers, { ...context, reporter: quiet }, project);
  const story = new Story({
    write: (line) => context.reporter.info(line),
    monotonic: systemClock.monotonic,
    signal: context.signal,
  });
  const started = systemClock.monotonic();
  let llm: LlmStub | null = null;
  try {
    const repository = new Repository(path.join(place, 'app'), context.environment);
    const tags =
      options.app === undefined ? await tagSample(repository) : await tagsOf(repository, options.app);
    const manifest = await readAppManifest(repository.directory);
    llm = manifest.bindings.some((name) => name.startsWith('LLM_')) ? await startLlmStub() : null;
    await writeProject(project, manifest, llm);
    await playActs({
      story,
      verbs,
      app: repository.directory,
      appName: manifest.name,
      project,
      tags,
      hasFrontDoor: publicService(manifest) !== null,
      startLoad: async () => {
        const { environment } = await targetOf(context, project).open('production', { lookOnly: true });
        const { probe } = environment.ports;
        return startLoad({ manifest, probe, clock: systemClock, users: 3, pauseMilliseconds: 100 });
      },
      moveTag: async (tag) => {
        await repository.commit('somebody moves a tag');
        await repository.tag(tag, { move: true });
      },
    });
    const seconds = (systemClock.monotonic() - started) / 1000;
    if (options.keep === true) await keepRunning(context, project);
    return { json: { seconds, acts: story.acts, skipped: story.skipped }, text: ending(seconds, story) };
  } finally {
    await verbs.run('local', 'down');
    await llm?.close();
    await rm(place, { recursive: true, force: true });
  }
}

/** v1 and v2 work; v3 keeps sessions in memory, which a health check never sees. */
async function tagSample(repository: Repository) {
  await repository.startFrom(sample);
  await repository.tag('v1');
  await repository.edit('package.json', /"version": "[^"]+"/, '"version": "2.0.0"');
  await repository.commit('second');
  await repository.tag('v2');
  await repository.edit('lockstep.yaml', 'command: [node,', 'command: [env, SESSION_STORE=memory, node,');
  await repository.commit('third, broken');
  await repository.tag('v3');
  return { first: 'v1', second: 'v2', broken: 'v3' };
}

async function tagsOf(repository: Repository, app: string) {
  await repository.cloneOf(path.resolve(app));
  const [second, first] = (await repository.tags()).toReversed();
  if (first === undefined || second === undefined) {
    throw usage(`${app} has fewer than two tags`, {
      fix: 'Tag two commits: the rehearsal ships one, then the other.',
    });
  }
  return { first, second, broken: null };
}

async function writeProject(project: string, manifest: AppManifest, llm: LlmStub | null): Promise<void> {
  await mkdir(project);
  const files = generateSettings({
    manifest,
    llm: llm === null ? null : { baseUrl: llm.url, model: llm.model },
  });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(project, name), text);
  const secrets = new FileSecrets(project);
  for (const [name, { perEnvironment }] of Object.entries(manifest.secrets)) {
    const shared = randomBytes(24).toString('hex');
    for (const environment of ['staging', 'production']) {
      await secrets.set(environment, name, perEnvironment ? randomBytes(24).toString('hex') : shared);
    }
  }
}

/**
 * Until Ctrl-C: the model's stand-in lives in this process, and nothing may outlive this process.
 */
async function keepRunning(context: Context, project: string): Promise<void> {
  const { reporter, signal } = context;
  const target = targetOf(context, project);
  for (const name of ['staging', 'production']) {
    const { publicUrl } = await target.open(name, { lookOnly: true });
    reporter.info(`${name}: ${publicUrl ?? 'no public service'}`);
  }
  reporter.info(
    `Look around with \`lockstep status production --project ${project}\`; Ctrl-C stops and removes everything.`,
  );
  if (!signal.aborted) await once(signal, 'abort');
}

/** The rehearsal's own project, whatever project the verb was called in. */
const targetOf = (context: Context, project: string) =>
  new LocalTarget({ ...context, options: { ...context.options, project, target: 'local' } });

function ending(seconds: number, { acts, skipped }: Story): string {
  const without = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return `${acts.length} acts passed in ${seconds.toFixed(0)} s${without}; everything is stopped.`;
}

const quiet: Context['reporter'] = {
  step: (_title, work) => work(() => {}),
  info: () => {},
  warn: () => {},
};
