import { describe, expect, it } from 'vitest';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import type { Attestation } from '../../../scripts/domain/order/attestation.ts';
import type { Order } from '../../../scripts/domain/order/order.ts';
import type { Evidence, Finding } from '../../../scripts/domain/parity/parity.ts';
import { compareWithOwnOrder } from '../../../scripts/domain/parity/parity-own.ts';
import { compareWithUpstream } from '../../../scripts/domain/parity/parity-pair.ts';
import type { ReleaseManifest } from '../../../scripts/domain/release/release.ts';

const hash = (letter: string) => letter.repeat(64);

const release: ReleaseManifest = {
  schema: 1,
  platform: { os: 'linux', architecture: 'x64', libc: 'glibc 2.34', runtimes: { node: '24.9.0' } },
  app: appManifestSchema.parse({
    name: 'intake',
    services: { web: { command: ['node', 'server.js'] } },
    env: { PUBLIC_NAME: { perEnvironment: true }, PAGE_SIZE: {} },
    secrets: { API_KEY: { perEnvironment: false }, COOKIE_KEY: { perEnvironment: true } },
  }),
  files: [{ type: 'file', path: 'server.js', mode: '0444', size: 3, sha256: hash('1') }],
};

const committed: Order = {
  app: 'intake',
  environment: 'staging',
  number: 3,
  previous: null,
  tag: 'v1',
  release: hash('a'),
  config: hash('c'),
  sharedConfig: hash('d'),
  secrets: [
    { name: 'API_KEY', version: 1 },
    { name: 'COOKIE_KEY', version: 2 },
  ],
  basis: { kind: 'first-in-chain' },
  by: 'ci',
  at: '2026-01-01T00:00:00.000Z',
};

function attestation(host: string, other: Partial<Attestation> = {}): Attestation {
  return {
    app: 'intake',
    environment: 'staging',
    host,
    nonce: 'n',
    at: '2026-01-01T00:10:00.000Z',
    fence: 3,
    order: 3,
    release: hash('a'),
    damage: { changed: [], missing: [], extra: [], count: 0 },
    config: hash('c'),
    configValues: { PUBLIC_NAME: 'Staging', PAGE_SIZE: '20' },
    secrets: [
      { name: 'API_KEY', version: 1, hash: 'k' },
      { name: 'COOKIE_KEY', version: 2, hash: 's' },
    ],
    bindings: {},
    runtimes: { node: '24.9.0' },
    osPackages: hash('e'),
    activatedAt: '2026-01-01T00:05:00.000Z',
    processes: [
      { service: 'web', pid: 7, startedAt: '2026-01-01T00:05:01.000Z', restarts: 0, lastExit: null },
    ],
    sharedDirectory: `shared by ${'staging'}`,
    agent: hash('f'),
    ...other,
  };
}

function evidence(second: Partial<Attestation> = {}, other: Partial<Evidence> = {}): Evidence {
  const hosts = [attestation('one'), attestation('two', second)].map((each) => ({
    host: each.host,
    attestation: each,
    problem: null,
  }));
  return {
    environment: 'staging',
    committed,
    values: { PUBLIC_NAME: 'Staging', PAGE_SIZE: '20' },
    release,
    hosts,
    listed: [],
    wantedHosts: 2,
    hostsAreLocal: false,
    ...other,
  };
}

const divergences = (findings: readonly Finding[]) =>
  findings.filter(({ verdict }) => verdict === 'divergence');

describe('an environment against its own order', () => {
  it('is in step in every facet when each host runs what was ordered', () => {
    const findings = compareWithOwnOrder(evidence());
    expect(findings.map(({ verdict }) => verdict)).toEqual(findings.map(() => 'in step'));
    expect(new Set(findings.map(({ facet }) => facet)).size).toBe(8);
  });

  const damage = { changed: ['server.js'], missing: ['a.js'], extra: ['b.js'], count: 3 };
  const secret = (version: number, value: string) => [
    { name: 'API_KEY', version, hash: value },
    { name: 'COOKIE_KEY', version: 2, hash: 's' },
  ];
  const web = { service: 'web', pid: 7, restarts: 0, lastExit: null };
  it.each<[string, string, Partial<Attestation>, string]>([
    ['a hand edit', 'release', { damage }, 'server.js changed, a.js missing, b.js added'],
    ['another release', 'release', { release: hash('b') }, 'runs release bbbbbbbbbbbb'],
    ['no release', 'release', { release: null, order: null }, 'runs no release'],
    ['an edited value', 'config', { config: hash('9'), configValues: { PAGE_SIZE: '20' } }, 'PUBLIC_NAME'],
    ['a secret of another version', 'secrets', { secrets: secret(2, 'k') }, 'API_KEY is version 2'],
    [
      'a secret of another value',
      'secrets',
      { secrets: secret(1, 'x') },
      'the value of API_KEY differs from one',
    ],
    ['a secret that is missing', 'secrets', { secrets: secret(1, 'k').slice(0, 1) }, 'COOKIE_KEY is missing'],
    ['another runtime', 'runtime', { runtimes: { node: '24.8.0' } }, 'node is 24.8.0, built for 24.9.0'],
    ['other packages', 'runtime', { osPackages: hash('0') }, 'OS packages differ from one'],
    [
      'a dead process',
      'processes',
      { processes: [{ ...web, pid: null, startedAt: null }] },
      'is not running',
    ],
    [
      'a process from before the activation',
      'processes',
      { processes: [{ ...web, startedAt: '2026-01-01T00:04:59.000Z' }] },
      'started before its activation',
    ],
    ['another shared directory', 'shared directory', { sharedDirectory: 'own' }, 'differs from one'],
    ['another agent', 'agent', { agent: hash('0') }, 'differs from one'],
  ])('%s is a divergence of that host', (_, facet, second, words) => {
    const found = divergences(compareWithOwnOrder(evidence(second)));
    expect(found).toEqual([
      expect.objectContaining({ facet, host: 'two', detail: expect.stringContaining(words) }),
    ]);
  });

  it('names a host that does not answer, and a number of hosts that differs from the settings', () => {
    const silent = { host: 'three', attestation: null, problem: 'connection refused' };
    const found = divergences(compareWithOwnOrder(evidence({}, { hosts: [...evidence().hosts, silent] })));
    expect(found.map(({ host, detail }) => [host, detail])).toEqual([
      ['three', 'connection refused'],
      [null, '3 hosts exist, the settings ask for 2'],
    ]);
  });
});

describe('an environment against its upstream', () => {
  const explained = { release: true, sharedConfig: true };
  const production = (first: Partial<Attestation> = {}, other: Partial<Evidence> = {}): Evidence => {
    const own = { environment: 'production', sharedDirectory: 'shared by production' };
    const secrets = [
      { name: 'API_KEY', version: 1, hash: 'k' },
      { name: 'COOKIE_KEY', version: 2, hash: 'p' },
    ];
    const each = attestation('p1', { ...own, secrets, ...first });
    return evidence(
      {},
      {
        environment: 'production',
        values: { PUBLIC_NAME: 'Production', PAGE_SIZE: '20' },
        hosts: [
          { host: 'p1', attestation: each, problem: null },
          { host: 'p2', attestation: { ...each, host: 'p2' }, problem: null },
        ],
        ...other,
      },
    );
  };
  const verdict = (findings: readonly Finding[], facet: string) =>
    findings.filter((each) => each.facet === facet).map((each) => each.verdict);

  it('is in step but for what is declared to differ', () => {
    const found = compareWithUpstream(production(), evidence(), explained);
    expect(divergences(found)).toEqual([]);
    expect(verdict(found, 'config')).toEqual(['listed']);
    expect(verdict(found, 'secrets')).toEqual(['listed']);
  });

  it('calls a release that the upstream verified earlier behind, and names its files', () => {
    const newer: ReleaseManifest = {
      ...release,
      files: [{ type: 'file', path: 'server.js', mode: '0444', size: 4, sha256: hash('2') }],
    };
    const upstream = evidence(
      {},
      {
        committed: { ...committed, release: hash('b'), tag: 'v2' },
        release: newer,
      },
    );
    const [found] = compareWithUpstream(production(), upstream, explained);
    expect(found).toMatchObject({ verdict: 'behind', detail: expect.stringContaining('server.js') });
    const [unverified] = compareWithUpstream(production(), upstream, { ...explained, release: false });
    expect(unverified).toMatchObject({
      verdict: 'divergence',
      detail: expect.stringContaining('never verified'),
    });
  });

  it('calls a shared value behind only where a receipt explains it', () => {
    const other = production({}, { values: { PUBLIC_NAME: 'Production', PAGE_SIZE: '10' } });
    const words = { detail: 'shared values differ: PAGE_SIZE' };
    const judged = (sharedConfig: boolean) =>
      compareWithUpstream(other, evidence(), { ...explained, sharedConfig });
    expect(judged(true)).toContainEqual(expect.objectContaining({ ...words, verdict: 'behind' }));
    expect(judged(false)).toContainEqual(expect.objectContaining({ ...words, verdict: 'divergence' }));
  });

  it('refuses a shared secret that differs, and a secret of its own that is the same', () => {
    const secrets = [
      { name: 'API_KEY', version: 1, hash: 'other' },
      { name: 'COOKIE_KEY', version: 2, hash: 's' },
    ];
    const found = divergences(compareWithUpstream(production({ secrets }), evidence(), explained));
    expect(found.map(({ detail }) => detail)).toEqual([
      'API_KEY must be the same in both and is not',
      "COOKIE_KEY is the same in both: one environment holds the other's value",
    ]);
  });

  it('finds one shared directory under both, another runtime and another agent', () => {
    const other = { sharedDirectory: 'shared by staging', runtimes: { node: '22.1.0' }, agent: hash('0') };
    const found = divergences(compareWithUpstream(production(other), evidence(), explained));
    expect(found.map(({ facet }) => facet)).toEqual(['runtime', 'shared directory', 'agent']);
  });

  it('compares no secret that one of the two can not show', () => {
    const hidden = (name: string, hash: string | null) => ({ name, version: 1, hash });
    const here = production({ secrets: [hidden('API_KEY', null), hidden('COOKIE_KEY', 'p')] });
    const there = evidence();
    for (const host of there.hosts)
      if (host.attestation) host.attestation.secrets = [hidden('COOKIE_KEY', null)];
    const found = compareWithUpstream(here, there, explained);
    expect(verdict(found, 'secrets')).toEqual(['in step']);
  });

  it('is shown by hosts that answer, although the first of each does not', () => {
    const silent = (whole: Evidence): Evidence => {
      const [first, ...rest] = whole.hosts;
      if (first === undefined) throw new Error('there are two hosts');
      return { ...whole, hosts: [{ host: first.host, attestation: null, problem: 'no route' }, ...rest] };
    };
    const other = silent(production({ agent: hash('0') }));
    const found = divergences(compareWithUpstream(other, silent(evidence()), explained));
    expect(found.map(({ facet }) => facet)).toEqual(['agent']);
  });

  it('finds no shared directory where neither has one', () => {
    const there = evidence();
    for (const host of there.hosts) if (host.attestation) host.attestation.sharedDirectory = null;
    const found = compareWithUpstream(production({ sharedDirectory: null }), there, explained);
    expect(verdict(found, 'shared directory')).toEqual(['in step']);
  });

  it('lists a number of hosts that a local twin has for itself, whichever of the two it is', () => {
    const listed = { path: 'fleet.hosts', value: '3', base: '2', reason: 'load', until: '2027-01-01' };
    for (const [here, there] of [
      [true, false],
      [false, true],
    ] as const) {
      const found = compareWithUpstream(
        production({}, { listed: [listed], hostsAreLocal: here }),
        evidence({}, { hostsAreLocal: there, hosts: evidence().hosts.slice(1) }),
        explained,
      ).filter(({ facet }) => facet === 'settings');
      expect(found).toMatchObject([
        { verdict: 'listed', detail: expect.stringContaining('until 2027-01-01') },
      ]);
    }
  });

  it('asks that hosts differ in number exactly where that is listed', () => {
    const listed = { path: 'fleet.hosts', value: '3', base: '2', reason: 'load', until: null };
    const notThere = compareWithUpstream(production({}, { listed: [listed] }), evidence(), explained);
    expect(verdict(notThere, 'settings')).toEqual(['divergence']);
    const three = production();
    const third = { ...three.hosts[0], host: 'p3', attestation: attestation('p3'), problem: null };
    const hosts = [...three.hosts, third];
    const nowhere = compareWithUpstream({ ...three, hosts }, evidence(), explained);
    expect(verdict(nowhere, 'settings')).toEqual(['divergence']);
    const there = compareWithUpstream({ ...three, hosts, listed: [listed] }, evidence(), explained);
    expect(verdict(there, 'settings')).toEqual(['listed']);
    expect(verdict(compareWithUpstream(three, evidence(), explained), 'settings')).toEqual([]);
  });
});
