import { describe, expect, it } from 'vitest';
import { diagnose, installLine, planInstall, prerequisites } from '../../scripts/domain/prerequisites.ts';

function found(outputs: Record<string, string | null>) {
  return prerequisites.map((prerequisite) =>
    diagnose({ prerequisite, output: outputs[prerequisite.name] ?? null }),
  );
}

const debian = {
  'Node.js': 'v24.9.0\n',
  git: 'git version 2.39.5\n',
  HAProxy: 'HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n',
  Redis: 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n',
  zstd: '*** zstd command line interface 64-bits v1.5.4, by Yann Collet ***\n',
  rsync: 'rsync  version 3.2.7  protocol version 31\n',
  Python: 'Python 3.11.2\n',
  pip: 'pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)\n',
  shellcheck:
    'ShellCheck - shell script analysis tool\nversion: 0.9.0\nlicense: GNU General Public License, version 3\n',
  npm: '10.9.0\n',
};

describe('prerequisites', () => {
  it('reads what Debian programs say of themselves', () => {
    const versions = found(debian).map(({ name, found: version, fine }) => [name, version, fine]);
    expect(versions).toEqual([
      ['Node.js', '24.9.0', true],
      ['git', '2.39.5', true],
      ['HAProxy', '2.6.12', true],
      ['Redis', '7.0.15', true],
      ['zstd', '1.5.4', true],
      ['rsync', '3.2.7', true],
      ['Python', '3.11.2', true],
      ['pip', '23.0.1', true],
      ['shellcheck', '0.9.0', true],
      ['npm', '10.9.0', true],
    ]);
    expect(planInstall(found(debian), 'apt', [])).toEqual([]);
    expect(installLine(found(debian), 'apt')).toBeNull();
  });

  it('asks for packages that are missing or too old, each once, and says what no package brings', () => {
    const diagnoses = found({ ...debian, HAProxy: 'HA-Proxy version 2.2.9\n', Redis: null, npm: null });
    expect(planInstall(diagnoses, 'apt', ['sudo', '-n']).at(-1)).toEqual([
      ...['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-q'],
      ...['--no-install-recommends', 'haproxy', 'redis-server'],
    ]);
    expect(installLine(diagnoses, 'brew')).toBe('brew install haproxy redis');
    expect(diagnoses.at(-1)?.fix).toContain('nodejs.org');
  });

  it.each([
    ['HAProxy version 2.6.12-1+deb12u1 2023/12/16', '2.6.12', true],
    ['HAProxy version 2.10.0', '2.10.0', true],
    ['HAProxy version 2.3.99', '2.3.99', false],
    ['HAProxy 3', '3', true],
    ['HAProxy', 'version unknown', false],
  ])('compares versions by number: %s', (output, found, fine) => {
    const prerequisite = prerequisites.find(({ name }) => name === 'HAProxy');
    if (prerequisite === undefined) throw new TypeError('HAProxy is not asked for');
    expect(diagnose({ prerequisite, output })).toMatchObject({ found, fine });
  });
});
