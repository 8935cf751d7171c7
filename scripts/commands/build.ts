import type { Register } from '../console/command.ts';
import { exitCodes } from '../domain/errors.ts';
import { openTarget } from '../targets/open-target.ts';
import { type BuildRequest, type BuildResult, build as buildTag } from '../workflows/build/build.ts';
import { type CheckResult, checkBuild } from '../workflows/build/build-check.ts';

export const build: Register = (program, run) => {
  program
    .command('build')
    .summary('build a release once from a tag')
    .description(
      'Builds TAG from a clean checkout and stores the release. A known tag returns its digest at once.\n' +
        'Exits 1 when a step or a check fails, or when --check finds differences; 3 when a rule refuses the tag.',
    )
    .argument('<tag>', 'a tag of the app’s repository')
    .option('--app <dir>', 'the root of the app’s repository', '.')
    .option('--check', 'build a known tag once more and name the files that differ; stores nothing')
    .addHelpText('after', '\nExample: lockstep build v1.2.3 --app ../intake')
    .action(
      run(async (context, tag: string, options: { app: string; check?: boolean }) => {
        const target = await openTarget(context);
        const { ports, factsProblems } = await target.builder(options.app);
        const request: BuildRequest = {
          tag,
          builtBy: target.actor.owner,
          factsProblems,
          signal: context.signal,
          onLine: context.options.verbose ? context.reporter.info : () => {},
        };
        if (options.check !== true) {
          const result = await buildTag(ports, request);
          return { json: result, text: renderBuild(result) };
        }
        const result = await checkBuild(ports, request);
        return { json: result, text: renderCheck(result), exitCode: result.same ? 0 : exitCodes.failed };
      }),
    );
};

function renderBuild({ app, tag, commit, release, built, files, bytesStored }: BuildResult): string {
  const what = `${app} ${tag} (commit ${commit.slice(0, 12)}) is release ${release}`;
  if (!built) return `${what}\nalready built; nothing was done`;
  return `${what}\n${files} files, ${(bytesStored / 1024 / 1024).toFixed(1)} MiB added to the store`;
}

function renderCheck({ app, tag, release, rebuilt, same, differences }: CheckResult): string {
  if (same) return `${app} ${tag} builds the same release again: ${release}`;
  const lines = differences.map(
    ({ path: file, change, hint }) => `  ${change} ${file}${hint === null ? '' : `\n    ${hint}`}`,
  );
  return [`${app} ${tag} is release ${release}, but building it again gives ${rebuilt}:`, ...lines].join(
    '\n',
  );
}
