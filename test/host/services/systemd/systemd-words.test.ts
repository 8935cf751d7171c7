import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Unit } from '../../../../scripts/host/place/supervisor.ts';
import {
  isIdle,
  parseShown,
  processStatus,
} from '../../../../scripts/host/services/systemd/systemd-state.ts';
import {
  contentIn,
  renderUnit,
  serviceOf,
  unitName,
} from '../../../../scripts/host/services/systemd/systemd-unit.ts';
import {
  commandLine,
  renderEnvironmentFile,
} from '../../../../scripts/host/services/systemd/systemd-words.ts';
import { hardWord } from '../../../support/run/hard-words.ts';

/**
 * What systemd is told, read back by its own rules as far as we know them; that they are its rules is shown
 * by `npm run test:machine`, where a real one starts services with such words.
 */
const unit: Unit = {
  service: 'web',
  command: ['node', 'server.js'],
  workingDirectory: '/var/lib/lockstep/releases/a.1',
  environmentFile: '/var/lib/lockstep/current/environment/web.json',
  content: 'digest',
  stopSignal: 'SIGINT',
  stopTimeoutSeconds: 7,
  logFile: '/var/lib/lockstep/logs/web.log',
  writable: ['/var/lib/lockstep/scratch', '/srv/100% shared'],
};
const options = {
  user: 'lockstep',
  environment: { PATH: '/opt/node/bin:bin::/usr/bin', HOME: '/home', API_KEY: 'hush' },
  environmentFile: '/run/lockstep/environment/web',
  managerNames: ['LANG', 'SITE'],
};

describe('words for systemd', () => {
  test('a command is one line, and each word of it comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(hardWord), (words) => {
        const line = commandLine(['/bin/true', ...words]);
        expect(line).not.toMatch(/[\n\r]/);
        expect(wordsIn(line)).toEqual([':/bin/true', ...words]);
      }),
    );
  });

  test('values of an environment come back as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]*$/), hardWord), (environment) => {
        expect(variablesIn(renderEnvironmentFile(environment))).toEqual({ ...environment });
      }),
    );
  });

  test.each(['\ufdd0', '\u{1fffe}', '\0'])('refuses %j, which systemd would hold for broken text', (sign) => {
    expect(() => commandLine(['/bin/true', `a${sign}`])).toThrow("can't be a word");
    expect(() => commandLine([`/bin/tr${sign}ue`])).toThrow();
  });

  test('refuses a value that systemd would leave out, without showing it', () => {
    expect(() => renderEnvironmentFile({ KEY: 'hush\ufdd0' })).toThrow('"KEY" can\'t be a variable');
    expect(() => renderEnvironmentFile({ KEY: 'hush\ufdd0' })).not.toThrow('hush');
  });

  test.each(['', '1A', 'A-B', 'A B', 'A\nB'])(
    'refuses the name %j, which systemd would leave out',
    (name) => {
      expect(() => renderEnvironmentFile({ [name]: 'x' })).toThrow("can't be a variable");
    },
  );
});

describe('the unit of a service', () => {
  const rendered = renderUnit(unit, options);
  const line = (key: string) => rendered.split('\n').find((each) => each.startsWith(`${key}=`));

  test('holds no value of its environment, and can not be enabled', () => {
    expect(rendered).not.toContain('hush');
    expect(rendered).not.toContain('[Install]');
    expect(contentIn(rendered)).toBe('digest');
    expect(serviceOf(unitName('web'))).toBe('web');
    expect(serviceOf('lockstep-boot.service')).toBeUndefined();
  });

  test('takes away what systemd adds, and nothing that the service was given', () => {
    const unwanted = line('UnsetEnvironment')?.split(/[= ]/) ?? [];
    expect(unwanted).toEqual(expect.arrayContaining(['INVOCATION_ID', 'JOURNAL_STREAM', 'USER', 'SITE']));
    for (const name of Object.keys(options.environment)) expect(unwanted).not.toContain(name);
  });

  test("finds its program along the service's own PATH, or from its directory", () => {
    expect(line('ExecSearchPath')).toBe('ExecSearchPath=/opt/node/bin:/usr/bin');
    expect(line('ExecStart')).toBe('ExecStart=":@node" "node" "server.js"');
    const relative = renderUnit({ ...unit, command: ['bin/serve'] }, options);
    expect(relative).toContain('ExecStart=":@/var/lib/lockstep/releases/a.1/bin/serve" "bin/serve"\n');
  });

  test('writes where it was told that it may', () => {
    expect(rendered).toContain(
      'ReadWritePaths="/var/lib/lockstep/scratch"\nReadWritePaths="/srv/100%% shared"',
    );
  });

  test("may not ask EC2's metadata service for the role of its machine [that the kernel drops the packets is not proved]", () => {
    expect(line('IPAddressDeny')).toBe('IPAddressDeny=169.254.169.254 fd00:ec2::254');
  });

  test.each([
    ['a service whose name is none', { service: 'a/b' }],
    ['a program with a quote', { command: ['/bin/it"s'] }],
    ['a directory of two lines', { workingDirectory: '/a\nExecStart=/bin/sh' }],
  ])('refuses %s', (_, change) => {
    expect(() => renderUnit({ ...unit, ...change }, options)).toThrow();
  });
});

describe('what systemctl says', () => {
  const shown = parseShown(
    'Id=lockstep-app-web.service\nActiveState=active\nMainPID=41\nNRestarts=2\nExecMainStartTimestamp=Sat 2026-11-21 21:11:31.123456 UTC\nExecMainCode=0\nExecMainStatus=0\n\n' +
      'Id=lockstep-app-worker.service\nActiveState=activating\nMainPID=0\nNRestarts=9\nExecMainStartTimestamp=Sat 2026-11-21 21:11:31.123456 UTC\nExecMainCode=2\nExecMainStatus=9\n',
  );
  const [web, worker] = ['web', 'worker'].map((each) => shown.get(unitName(each)));

  test('a running process has a start, and the end of the one before', () => {
    expect(processStatus('web', web, 'exited 7\n')).toEqual({
      service: 'web',
      pid: 41,
      startedAt: '2026-11-21T21:11:31.123Z',
      restarts: 2,
      lastExit: 'exit code 7',
    });
  });

  test('one that waits for its next start has none, and is not idle', () => {
    expect(processStatus('worker', worker, '')).toEqual({
      service: 'worker',
      pid: null,
      startedAt: null,
      restarts: 9,
      lastExit: 'ended by SIGKILL',
    });
    expect([isIdle(web), isIdle(worker), isIdle(undefined)]).toEqual([false, false, true]);
  });

  test.each([
    ['killed TERM', 'ended by SIGTERM'],
    ['dumped SEGV', 'ended by SIGSEGV'],
    ['killed \nKILL', null],
    ['exited 203', "exit code 203: its program does not exist or cannot be run, if it is systemd's own"],
  ])('an end kept as %j is told as %j', (kept, told) => {
    expect(processStatus('web', web, kept).lastExit).toBe(told);
  });
});

/**
 * systemd.syntax(7): words in double quotes, C escapes inside, then specifiers; `;` splits only where it is
 * not quoted.
 */
function wordsIn(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"(?: |$)/gs)];
  expect(words.map(([whole]) => whole).join('')).toBe(line);
  return words.map(([, inside = '']) =>
    inside
      .replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gs, (_, code?: string, sign?: string) =>
        code === undefined ? (sign ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
      )
      .replaceAll(/%(.)/gs, (_, sign: string) => {
        expect(sign).toBe('%');
        return sign;
      }),
  );
}

/**
 * systemd.exec(5), EnvironmentFile=: in double quotes a backslash takes away the meaning of `"`, `\`, `$` and
 * a backtick.
 */
function variablesIn(file: string): Record<string, string> {
  const found = [...file.matchAll(/([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"\n/gs)];
  expect(found.map(([whole]) => whole).join('')).toBe(file);
  return Object.fromEntries(
    found.map(([, name, value = '']) => [name, value.replaceAll(/\\(["\\$`])/g, '$1')]),
  );
}
