import { appendFile, chmod } from 'node:fs/promises';
import path from 'node:path';
import type { Parity } from '../workflows/inspect/parity.ts';
import type { EnvironmentStatus } from '../workflows/inspect/status.ts';
import type { Plan } from '../workflows/plan/plan.ts';
import type { LoadReport, SteadyLoad } from './steady-load.ts';
import { expectThat, type Story } from './story.ts';
import type { Verbs } from './verbs.ts';

/** What the acts need to know about the app and where they run. */
export type Stage = {
  story: Story;
  verbs: Verbs;
  /** The app's repository. */
  app: string;
  appName: string;
  /** Directory of the rehearsal's Pulumi.yaml. */
  project: string;
  /** Two releases that work, and one that staging must catch; null where only the sample has one. */
  tags: { first: string; second: string; broken: string | null };
  startLoad: () => Promise<SteadyLoad>;
  moveTag: (tag: string) => Promise<void>;
  /** Whether a service of the app stands behind the balancer. */
  hasFrontDoor: boolean;
};

type PlanReport = Pick<Plan, 'stacks'>;

/** The acts of README.md, in the same order. */
export async function playActs(stage: Stage): Promise<void> {
  const { tags } = stage;
  await planClouds(stage);
  await shipFirst(stage, tags.first);
  await shipUnderLoad(stage, tags.second);
  await refuseUnverified(stage, tags.broken);
  await refuseMovedTag(stage, tags.second);
  await repairHandEdit(stage);
  await catchBroken(stage, tags.broken);
  await rollBack(stage, tags.first);
  await proveParity(stage);
}

/** The cloud of both environments, as it would be declared; nothing is created. */
async function planClouds({ story, verbs, hasFrontDoor }: Stage): Promise<void> {
  const title =
    'plan the cloud of both environments, and prove that they differ only where a difference is listed';
  if (!hasFrontDoor) return story.skip(title, 'needs a service behind the balancer');
  await story.act(title, async () => {
    const { stacks } = (await verbs.succeed('plan', '--json')).json as PlanReport;
    const drawn = stacks.map(
      ({ environment, graph }) => `${environment}: ${graph.resources.length} resources`,
    );
    const listed = stacks.flatMap((stack) => stack.listed).length;
    return `${drawn.join(', ')}; ${listed === 1 ? 'one listed difference' : `${listed} listed differences`}`;
  });
}

async function shipFirst({ story, verbs, app }: Stage, tag: string): Promise<void> {
  await story.act(`build ${tag} once`, async () => {
    const { json } = await verbs.succeed('build', tag, '--app', app);
    return `release ${(json as { release: string }).release.slice(0, 12)}`;
  });
  await story.act(`deploy ${tag} to staging`, () => verbs.succeed('deploy', 'staging', tag).then(firstLine));
  await story.act('smoke: run the workflow across hosts and workers', () =>
    verbs.succeed('smoke', 'staging').then(firstLine),
  );
  await story.act('promote the same bytes to production', () =>
    verbs.succeed('promote', 'production').then(firstLine),
  );
}

async function shipUnderLoad({ story, verbs, app, startLoad }: Stage, tag: string): Promise<void> {
  await story.act(`build ${tag}, deploy it to staging`, async () => {
    await verbs.succeed('build', tag, '--app', app);
    return firstLine(await verbs.succeed('deploy', 'staging', tag));
  });
  await story.act(`promote ${tag} while users work in production`, async () => {
    const load = await startLoad();
    let report: LoadReport;
    try {
      await verbs.succeed('promote', 'production');
    } finally {
      report = await load.stop();
    }
    expectThat(report.requests > 0, 'the load made no request');
    expectThat(report.failures.length === 0, `requests failed:\n${report.failures.join('\n')}`);
    return `${report.requests} requests, ${report.failures.length} failed`;
  });
}

async function refuseUnverified({ story, verbs, app }: Stage, tag: string | null): Promise<void> {
  const title = 'production refuses a release that staging has not verified';
  if (tag === null) return story.skip(title, 'needs a third tag');
  await story.act(title, async () => {
    await verbs.succeed('build', tag, '--app', app);
    return (await verbs.endWith('refused', 'deploy', 'production', tag)).message;
  });
}

async function refuseMovedTag({ story, verbs, app, moveTag }: Stage, tag: string): Promise<void> {
  await story.act('a tag that moved is refused', async () => {
    await moveTag(tag);
    return (await verbs.endWith('refused', 'build', tag, '--app', app)).message;
  });
}

/** Edits a file of a release on one host, as somebody with a shell on that host would. */
async function repairHandEdit({ story, verbs, project, appName }: Stage): Promise<void> {
  const host = 'production-2';
  const file = 'lockstep.yaml';
  await story.act(`parity finds a file edited by hand on ${host}`, async () => {
    const edited = path.join(
      project,
      '.lockstep/local',
      appName,
      'production/hosts',
      host,
      'current/release',
      file,
    );
    await chmod(edited, 0o644);
    await appendFile(edited, '\n# fixed on the server, nobody will notice\n');
    const { result } = await verbs.run('parity', '--json');
    const found = (result?.json as Parity | undefined)?.findings.find(
      (finding) => finding.verdict === 'divergence' && finding.host === host && finding.detail.includes(file),
    );
    expectThat(
      result?.exitCode === 1 && found !== undefined,
      'parity did not name the edited file and its host',
    );
    return `${found?.host}: ${found?.detail}`;
  });
  await story.act('a redeploy repairs it', async () => {
    const line = firstLine(await verbs.succeed('deploy', 'production'));
    await verbs.succeed('parity');
    return line;
  });
}

async function catchBroken({ story, verbs }: Stage, tag: string | null): Promise<void> {
  const title = 'a broken release fails in staging; production is untouched';
  if (tag === null) return story.skip(title, "needs the sample app's switches");
  await story.act(title, async () => {
    const before = await statusOf(verbs, 'production');
    const error = await verbs.endWith('failed', 'deploy', 'staging', tag);
    expectThat(
      error.details.some((line) => line.includes('went back to')),
      `staging did not go back:\n${error.details.join('\n')}`,
    );
    const after = await statusOf(verbs, 'production');
    expectThat(after.inStep && after.committed?.number === before.committed?.number, 'production changed');
    await statusOf(verbs, 'staging');
    return error.message;
  });
}

async function rollBack({ story, verbs }: Stage, tag: string): Promise<void> {
  await story.act('roll production back', async () => {
    await verbs.succeed('rollback', 'production');
    const { committed } = await statusOf(verbs, 'production');
    expectThat(committed?.tag === tag, `production runs ${committed?.tag}, not ${tag}`);
    return `production runs ${tag} again, order ${committed?.number}`;
  });
}

async function proveParity({ story, verbs }: Stage): Promise<void> {
  await story.act('parity of both environments', async () => {
    const { json } = await verbs.succeed('parity', '--json');
    const { findings } = json as Parity;
    const count = (verdict: string) => findings.filter((finding) => finding.verdict === verdict).length;
    return `${count('in step')} facets in step, ${count('listed')} listed, ${count('behind')} behind, ${count('divergence')} diverging`;
  });
}

async function statusOf(verbs: Verbs, environment: string): Promise<EnvironmentStatus> {
  return (await verbs.succeed('status', environment, '--json')).json as EnvironmentStatus;
}

const firstLine = ({ text }: { text: string }) => text.split('\n')[0] ?? '';
