/**
 * How long one test, or one hook, may take before it counts as hanging. A bound against hanging, no statement
 * about speed: the slowest test of each kind ends within a third of it on a developer's machine that has
 * other work too.
 */
const kinds = {
  /** Plain values, fakes and files. */
  unit: 10,
  /** Starts processes of this machine: agents, HAProxy, Redis, git, an emulator, compilers. */
  processes: 60,
  /** Brings up or declares whole environments, builds or measures a large release, installs packages. */
  whole: 300,
  /**
   * Boots machines, or plans and applies whole environments: what has a command of its own (package.json).
   */
  machines: 1800,
} as const;

/**
 * A prefix of a test file's path from the root, and its kind; the first that fits counts, else it is a unit.
 */
const table: readonly (readonly [string, keyof typeof kinds])[] = [
  ['test/provider-check/provider-check', 'machines'],
  ['test/infra/hosts/boot-contract', 'machines'],
  ['test/host/services/systemd/systemd-machine', 'machines'],
  ['test/engine/', 'whole'],
  ['test/e2e/', 'whole'],
  ['test/examples/intake', 'whole'],
  ['test/adapters/local/local-twin', 'whole'],
  ['test/adapters/haproxy/haproxy-traffic', 'whole'],
  ['test/host/convergence', 'whole'],
  ['test/host/agent-memory', 'whole'],
  ['test/workflows/build/build-memory', 'whole'],
  ['test/workflows/build/build-repeats', 'whole'],
  ['test/infra/policies/pack', 'whole'],
  // Runs the whole cloud program some thirty times, and more on request.
  ['test/workflows/plan/names-of-every-length', 'whole'],
  // Compile a project, and record every graph, before their first test.
  ['test/checks/misspelt-properties', 'whole'],
  ['test/provider-check/provider-names', 'whole'],
  ['test/adapters/', 'processes'],
  ['test/commands/', 'processes'],
  ['test/host/', 'processes'],
  ['test/infra/', 'processes'],
  ['test/domain/release/elf', 'processes'],
  ['test/store/', 'processes'],
  ['test/support/run/', 'processes'],
  ['test/workflows/build/', 'processes'],
  ['test/workflows/pins/', 'processes'],
];

export const boundedPaths: readonly string[] = table.map(([prefix]) => prefix);

/**
 * Milliseconds that a test of this file may take on a machine that is `factor` times slower than a
 * developer's.
 */
export function boundOf(file: string, factor: number): number {
  const kind = table.find(([prefix]) => file.startsWith(prefix))?.[1] ?? 'unit';
  return Math.round(kinds[kind] * 1000 * factor);
}
