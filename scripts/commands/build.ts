import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GitSource } from '../adapters/build/git-source.ts';
import { LocalWorkshop } from '../adapters/build/local-workshop.ts';
import { FileSigner } from '../adapters/local/key-files.ts';
import { listEnvironments, loadSettings } from '../adapters/settings/settings-files.ts';
import type { Context, Register } from '../console/command.ts';
import { factsProblems } from '../domain/app/app-values.ts';
import { exitCodes } from '../domain/errors.ts';
import { DirectoryStore } from '../store/directory-store.ts';
import { proveStoreConditions } from '../store/store-conditions.ts';
import { type BuildRequest, type BuildResult, build as buildTag } from '../workflows/build/build.ts';
import { type CheckResult, checkBuild } from '../workflows/build/build-check.ts';
import type { BuildPorts } from '../workflows/ports/build.ts';

export const build: Register = (program, run) => {
  program
    .command('build')
    .summary('build a release once from a tag')
    .description(
      'Builds TAG from a clean checkout and stores the release. A known tag answers its digest at once.\n' +
        'Exits 1 when a step or a check fails, or when --check finds differences; 3 when a rule refuses the tag.',
    )
    .argument('<tag>', 'a tag of the app’s repository')
    .option('--app <dir>', 'the root of the app’s repository', '.')
    .option('--check', 'build a known tag once more and name the files that differ; stores nothing')
    .addHelpText('after', '\nExample: lockstep build v1.2.3 --app ../intake')
    .action(
      run(async (context, tag: string, options: { app: string; check?: boolean }) => {
        const ports = await buildPorts(context, options.app);
        const request = { ...(await requestOf(context)), tag };
        if (options.check !== true) {
          const result = await buildTag(ports, request);
          return { json: result, text: renderBuild(result) };
        }
        const result = await checkBuild(ports, request);
        return { json: result, text: renderCheck(result), exitCode: result.same ? 0 : exitCodes.failed };
      }),
    );
};

async function buildPorts(context: Context, app: string): Promise<BuildPorts> {
  const state = path.join(context.options.project, '.lockstep');
  const store = new DirectoryStore(path.join(state, 'store'));
  await proveStoreConditions(store);
  return {
    store,
    signer: new FileSigner(path.join(state, 'keys')),
    source: new GitSource(app, context.environment),
    workshop: new LocalWorkshop(path.join(state, 'work'), context.environment),
    reporter: context.reporter,
  };
}

async function requestOf(context: Context): Promise<Omit<BuildRequest, 'tag'>> {
  const { project, verbose } = context.options;
  const known = existsSync(path.join(project, 'Pulumi.yaml'));
  const names = known ? await listEnvironments(project) : [];
  const today = new Date();
  const all = await Promise.all(names.map((name) => loadSettings(project, name, today, { lenient: true })));
  return {
    builtBy: context.environment.GITHUB_ACTOR ?? `${os.userInfo().username}@${os.hostname()}`,
    factsProblems: (manifest) => [...new Set(all.flatMap(({ app }) => factsProblems(manifest, app)))],
    onLine: verbose ? (line) => process.stderr.write(`${line}\n`) : undefined,
    signal: context.signal,
  };
}

function renderBuild({ app, tag, commit, release, built, files, bytesStored }: BuildResult): string {
  const what = `${app} ${tag} (commit ${commit.slice(0, 12)}) is release ${release}`;
  if (!built) return `${what}\nbuilt before; nothing was done`;
  return `${what}\n${files} files, ${(bytesStored / 1024 / 1024).toFixed(1)} MiB added to the store`;
}

function renderCheck({ app, tag, release, rebuilt, same, differences }: CheckResult): string {
  if (same) return `${app} ${tag} builds the same release again: ${release}`;
  const lines = differences.map(
    ({ path: file, change, hint }) => `  ${change} ${file}${hint === null ? '' : `\n    ${hint}`}`,
  );
  return [`${app} ${tag} is release ${release}; built again it is ${rebuilt}:`, ...lines].join('\n');
}
