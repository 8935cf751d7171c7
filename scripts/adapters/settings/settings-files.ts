import { readdir } from 'node:fs/promises';
import {
  findClashes,
  nameSchema,
  type ResolveOptions,
  resolve,
  type Settings,
  type SettingsFinding,
} from '../../../infra/settings/config.ts';
import {
  byPlace,
  nearest,
  type Problem,
  problemOf,
  renderProblem,
} from '../../../infra/settings/problems/problems.ts';
import { type LockstepError, usage } from '../../domain/errors.ts';
import { readHandwritten } from '../../machine/handwritten-file.ts';
import { environmentSettings, type SettingsText, sharedSettings } from './settings-text.ts';

const sharedFile = 'Pulumi.yaml';
const fileOf = (environment: string) => `Pulumi.${environment}.yaml`;

/** The environments that have a file, sorted. */
export async function listEnvironments(project: string): Promise<string[]> {
  const names = await readdir(project).catch((error: unknown) => {
    throw usage(`${project} can't be read`, {
      fix: 'Give the directory of Pulumi.yaml with --project.',
      cause: error,
    });
  });
  return names
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((name) => nameSchema.safeParse(name).success)
    .sort();
}

/** The environments of a project, upstream before downstream. */
export async function listUpstreamFirst(project: string, today: Date): Promise<string[]> {
  const names = await listEnvironments(project);
  const settings = await Promise.all(
    names.map((name) => loadSettings(project, name, today, { lenient: true })),
  );
  const depth = (name: string | null): number => {
    const found = settings.find(({ environment }) => environment === name);
    return found === undefined ? 0 : 1 + depth(found.upstream);
  };
  return names.toSorted((left, right) => depth(left) - depth(right));
}

/** Refuses a name that has no file, before it becomes part of any path. @throws LockstepError usage */
export async function checkEnvironment(project: string, environment: string): Promise<void> {
  const known = await listEnvironments(project);
  if (known.includes(environment)) return;
  const near = nearest(environment, known);
  throw usage(`there is no environment ${JSON.stringify(environment)} in ${project}`, {
    details: [`environments: ${known.join(', ') || 'none'}`],
    fix: near === undefined ? 'Name one that has a file Pulumi.<environment>.yaml.' : `Write ${near}.`,
  });
}

/**
 * The settings of one environment. Files of other environments are read for what holds between them
 * (upstreams, identities) and not judged otherwise: a mistake in one must not keep another from being rolled
 * back.
 *
 * @throws LockstepError usage, with one line of details for every problem in both files
 */
export async function loadSettings(
  project: string,
  environment: string,
  today: Date,
  options: ResolveOptions = {},
): Promise<Settings> {
  await checkEnvironment(project, environment);
  const shared = await readShared(project);
  const all = await readEnvironments(project);
  const { settings, problems } = judge(shared, all, environment, today, options);
  if (settings === undefined) throw wrongSettings(environment, problems);
  return settings;
}

/** Every problem in the settings of every environment: what a check before a review wants to know. */
export async function findSettingsProblems(
  project: string,
  today: Date,
  options: ResolveOptions = {},
): Promise<Problem[]> {
  const shared = await readShared(project);
  const all = await readEnvironments(project);
  const problems = all.flatMap(({ name }) => judge(shared, all, name, today, options).problems);
  const lines = new Map(problems.map((problem) => [renderProblem(problem), problem]));
  return [...lines.values()].sort(byPlace);
}

type EnvironmentText = SettingsText & { name: string };

function judge(
  shared: SettingsText,
  all: readonly EnvironmentText[],
  environment: string,
  today: Date,
  options: ResolveOptions,
): { settings: Settings | undefined; problems: Problem[] } {
  const own = all.find(({ name }) => name === environment);
  if (own === undefined) throw new TypeError(`no file of ${environment} was read`);
  const unreadable = [shared, own].filter(({ yaml }) => !yaml.readable);
  if (unreadable.length > 0) {
    return { settings: undefined, problems: unreadable.flatMap(({ problems }) => problems) };
  }
  const resolved = resolve(shared.values, { name: environment, values: own.values }, today, options);
  const clashes = findClashes(all).filter((clash) => clash.environment === environment);
  const findings: SettingsFinding[] = [
    ...resolved.findings,
    ...clashes.map((clash): SettingsFinding => ({ ...clash, source: 'environment' })),
  ];
  const told = [...shared.problems, ...own.problems];
  const found = findings.map((finding) => placed(finding, shared, own));
  // A value that could be read in two ways is not judged by one of them.
  const problems = [
    ...told,
    ...found.filter((problem) => !told.some((other) => isSamePlace(other, problem))),
  ];
  return { settings: problems.length === 0 && resolved.ok ? resolved.settings : undefined, problems };
}

function isSamePlace(one: Problem, other: Problem): boolean {
  return one.file === other.file && one.key === other.key;
}

/** Puts a finding's path back to where it stands in its file. */
function placed({ source, ...finding }: SettingsFinding, shared: SettingsText, own: SettingsText): Problem {
  if (source === 'base') {
    const path = ['config', 'lockstep:base', 'value', ...finding.path];
    return problemOf({ ...finding, path }, shared.yaml.place);
  }
  const [key, ...rest] = finding.path;
  const path = key === undefined ? ['config'] : ['config', `lockstep:${key}`, ...rest];
  return problemOf({ ...finding, path }, own.yaml.place);
}

async function readShared(project: string): Promise<SettingsText> {
  return sharedSettings(await readHandwritten(project, sharedFile), sharedFile);
}

async function readEnvironments(project: string): Promise<EnvironmentText[]> {
  const names = await listEnvironments(project);
  return Promise.all(
    names.map(async (name) => {
      const file = fileOf(name);
      return { name, ...environmentSettings(await readHandwritten(project, file), file) };
    }),
  );
}

function wrongSettings(environment: string, problems: readonly Problem[]): LockstepError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return usage(`the settings of ${environment} have ${count}`, {
    details: problems.toSorted(byPlace).map(renderProblem),
    fix: 'Correct what is listed and run the command again.',
  });
}
