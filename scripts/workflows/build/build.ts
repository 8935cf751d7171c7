import type { AppManifest } from '../../domain/app/app-manifest.ts';
import { expandCommand } from '../../domain/app/service-environment.ts';
import { canonicalJson, digestOf } from '../../domain/canonical.ts';
import { failed, refused } from '../../domain/errors.ts';
import { isLibraryEnough } from '../../domain/release/platform.ts';
import {
  type BuildRecord,
  buildRecordSchema,
  type FileEntry,
  type Platform,
  type ReleaseManifest,
  type ReleaseSeal,
  releaseDigest,
  type TagRecord,
  tagRecordSchema,
} from '../../domain/release/release.ts';
import { treeProblem, withWritableLinks } from '../../domain/release/release-tree.ts';
import { storeKeys } from '../../domain/store-keys.ts';
import { readRecord, writeOnce, writeSigned } from '../../store/records.ts';
import type { BuildPorts, TaggedCommit, Workspace } from '../ports/build.ts';
import { storePacks } from './build-packs.ts';

export type BuildRequest = {
  tag: string;
  /** Who built it, for build.json. */
  builtBy: string;
  /** Where the manifest disagrees with the facts that infrastructure was built from, one line each. */
  factsProblems: (manifest: AppManifest) => readonly string[];
  onLine?: ((line: string) => void) | undefined;
  signal: AbortSignal;
};

export type BuildResult = {
  app: string;
  tag: string;
  commit: string;
  release: string;
  /** False: the tag was built before, and nothing was done. */
  built: boolean;
  files: number;
  /** Compressed bytes that this build added to the store. */
  bytesStored: number;
};

/**
 * Builds a release once from a clean checkout of a tag and writes it to the store; the tag's record comes
 * last, so an interrupted build is simply built again. A known tag returns its digest at once.
 *
 * @throws LockstepError `refused` for a tag or tree that a rule forbids, `failed` when a step or a check
 * fails.
 */
export async function build(ports: BuildPorts, request: BuildRequest): Promise<BuildResult> {
  const { source, workshop, store, reporter } = ports;
  const commit = await source.resolve(request.tag);
  const uncommitted = await source.uncommitted();
  if (uncommitted > 0) {
    reporter.warn(`${uncommitted} uncommitted changes in the working tree are not part of ${request.tag}`);
  }
  const app = workshop.parseManifest(await source.readText(commit, 'lockstep.yaml'));
  const known = await readRecord(store, storeKeys.tag(app.name, request.tag), tagRecordSchema);
  if (known !== undefined) return knownTag(known.value, commit);
  const place = await workshop.open();
  try {
    const { manifest, tools } = await assemble(ports, request, { app, commit, place });
    const release = releaseDigest(manifest);
    const { bytes, packs } = await reporter.step('store the release', () =>
      storePacks(ports, manifest, place, request.signal),
    );
    await writeOnce(store, storeKeys.releasePacks(release), { packs });
    await store.putIfAbsent(
      storeKeys.releaseManifest(release),
      new TextEncoder().encode(canonicalJson(manifest)),
    );
    await seal(ports, manifest, { ...record(app.name, commit), builtBy: request.builtBy, tools });
    const tag: TagRecord = { ...record(app.name, commit), release };
    if ((await writeOnce(store, storeKeys.tag(app.name, request.tag), tag)) === 'exists') {
      const winner = await readRecord(store, storeKeys.tag(app.name, request.tag), tagRecordSchema);
      if (winner !== undefined && winner.value.release !== release) return knownTag(winner.value, commit);
    }
    const files = manifest.files.filter(({ type }) => type === 'file').length;
    return {
      app: app.name,
      tag: tag.tag,
      commit: commit.commit,
      release,
      built: true,
      files,
      bytesStored: bytes,
    };
  } finally {
    await place.remove();
  }
}

const record = (app: string, { tag, commit, time }: TaggedCommit): Omit<TagRecord, 'release'> => ({
  app,
  tag,
  commit,
  commitTime: time,
});

function knownTag(known: TagRecord, found: TaggedCommit): BuildResult {
  checkNotMoved(known, found);
  const { app, tag, commit, release } = known;
  return { app, tag, commit, release, built: false, files: 0, bytesStored: 0 };
}

export function checkNotMoved(known: TagRecord, found: TaggedCommit): void {
  if (known.commit === found.commit) return;
  throw refused(
    `${found.tag} moved since it was built: it was ${known.commit.slice(0, 12)}, now it is ${found.commit.slice(0, 12)}`,
    {
      fix: `A tag names one release for ever: tag the new commit with a new name, and put ${found.tag} back.`,
    },
  );
}

/** Steps, boot check and scan: from a clean checkout to the manifest of a release. */
export async function assemble(
  ports: BuildPorts,
  request: Pick<BuildRequest, 'factsProblems' | 'onLine' | 'signal'>,
  { app, commit, place }: { app: AppManifest; commit: TaggedCommit; place: Workspace },
): Promise<{ manifest: ReleaseManifest; tools: Record<string, string> }> {
  const { source, workshop, reporter } = ports;
  const problems = request.factsProblems(app);
  if (problems.length > 0) {
    throw refused('lockstep.yaml and the settings disagree about what infrastructure serves', {
      details: problems,
      fix: 'Change one of the two: a balancer built from other facts would serve this app wrongly.',
    });
  }
  const platform = await detectPlatform(ports, app);
  await reporter.step(`check out ${commit.tag}`, () => source.export(commit, place.tree, request.signal));
  const options = {
    commitTime: commit.time,
    signal: request.signal,
    onLine: request.onLine,
  };
  for (const step of app.build.steps) {
    await reporter.step(step.join(' '), async () => {
      const result = await workshop.run(step, place, options);
      if (result.exitCode !== 0) throw stepFailed('the build step', step, result);
    });
  }
  await reporter.step('boot check', () => bootCheck(ports, app, place, options));
  const scanned = await reporter.step('hash files', () => workshop.scan(place.tree, request.signal));
  const files = withWritableLinks(scanned, app.directories);
  const problem = treeProblem(files, app.directories);
  if (problem !== undefined) {
    throw refused(`this tree can't be a release: ${problem}`, {
      fix: 'A link may lead to a path inside the release only; what an app writes goes to declared shared or scratch directories.',
    });
  }
  await checkLibraries(ports, place, files, platform);
  return { manifest: { schema: 1, platform, app, files }, tools: await workshop.tools() };
}

async function detectPlatform({ workshop }: BuildPorts, app: AppManifest): Promise<Platform> {
  const wanted = Object.entries(app.platform.runtimes);
  const found = await workshop.platform(wanted.map(([name]) => name));
  const runtimes: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, prefix] of wanted) {
    const version = found.runtimes[name] ?? null;
    if (version !== null && (version === prefix || version.startsWith(`${prefix}.`)))
      runtimes[name] = version;
    else problems.push(`${name}: wanted ${prefix}, found ${version ?? 'none'}`);
  }
  if (problems.length > 0) {
    throw refused('this machine lacks the runtimes of lockstep.yaml', {
      details: problems,
      fix: 'Install them and put them first on the PATH, or change platform.runtimes.',
    });
  }
  const libc = app.platform.libc ?? found.libc;
  return { os: found.os, architecture: found.architecture, libc, runtimes };
}

async function bootCheck(
  { workshop }: BuildPorts,
  app: AppManifest,
  place: Workspace,
  options: { commitTime: number; signal: AbortSignal; onLine?: ((line: string) => void) | undefined },
): Promise<void> {
  const before = await workshop.stamps(place.tree);
  for (const [name, { check }] of Object.entries(app.services)) {
    if (check === undefined) continue;
    const command = expandCommand(check, { RELEASE_DIR: place.tree });
    const result = await workshop.run(command, place, options);
    if (result.exitCode !== 0) throw stepFailed(`the check of service ${name}`, check, result);
  }
  const after = await workshop.stamps(place.tree);
  const left = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  if (left.length === 0) return;
  throw failed('a check changed the tree; on a host the release is read-only', {
    details: left.slice(0, 20),
    fix: 'Let the check write to TMPDIR, or declare the directory under directories.scratch.',
  });
}

function stepFailed(
  what: string,
  command: readonly string[],
  result: { exitCode: number | null; signal: string | null; tail: readonly string[] },
) {
  const how = result.exitCode === null ? `was killed by ${result.signal}` : `exited with ${result.exitCode}`;
  return failed(`${what} ${how}: ${command.join(' ')}`, {
    details: result.tail,
    fix: 'The last lines of its output are above; --verbose streams all of it.',
  });
}

async function checkLibraries(
  { workshop }: BuildPorts,
  place: Workspace,
  files: readonly FileEntry[],
  { libc }: Platform,
): Promise<void> {
  if (!libc.startsWith('glibc ')) return;
  const needed = await workshop.neededLibraries(place.tree, files);
  const newer = [...needed].filter(([, version]) => !isLibraryEnough(`glibc ${version}`, libc));
  if (newer.length === 0) return;
  throw refused(`native files need a newer C library than ${libc}`, {
    details: newer.slice(0, 20).map(([path, version]) => `${path} needs glibc ${version}`),
    fix: 'Build on a machine with that library, or use packages that were built for an older one (manylinux wheels).',
  });
}

/** Signs what the store holds: where an interrupted build left its build.json, that one counts. */
async function seal(
  { store, signer }: BuildPorts,
  manifest: ReleaseManifest,
  mine: BuildRecord,
): Promise<void> {
  const release = releaseDigest(manifest);
  await writeOnce(store, storeKeys.releaseBuild(release), mine);
  const stored = (await readRecord(store, storeKeys.releaseBuild(release), buildRecordSchema))?.value ?? mine;
  const payload: ReleaseSeal = { release, build: digestOf(stored), app: manifest.app.name };
  await writeSigned(store, storeKeys.releaseSignature(release), 'release', payload, (kind, digest) =>
    signer.sign({ role: 'build' }, kind, digest),
  );
}
