import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLibraryEnough, platformProblems } from '../../../scripts/domain/release/platform.ts';
import { compareVersions, versionIn } from '../../../scripts/domain/version.ts';

const wanted = { os: 'linux', architecture: 'x64', libc: 'glibc 2.34', runtimes: { node: '24.9.0' } };

test('takes a machine of the same kind with a newer C library', () => {
  expect(platformProblems(wanted, { ...wanted, libc: 'glibc 2.36' })).toEqual([]);
});

test('names everything that differs at once', () => {
  const found = { os: 'darwin', architecture: 'arm64', libc: 'none', runtimes: { node: null } };
  expect(platformProblems(wanted, found)).toHaveLength(4);
  expect(platformProblems(wanted, { ...wanted, runtimes: { node: '24.9.1' } })).toEqual([
    'needs node 24.9.0, this host has node 24.9.1',
  ]);
});

test('compares versions as numbers, and never across families of C library', () => {
  expect(isLibraryEnough('glibc 2.9', 'glibc 2.34')).toBe(true);
  expect(isLibraryEnough('glibc 2.34', 'glibc 2.9')).toBe(false);
  expect(isLibraryEnough('glibc 1.0', 'musl 1.2.4')).toBe(false);
  const version = fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(version, version, (left, right) => {
      expect(compareVersions(left, right) + compareVersions(right, left)).toBe(0);
      expect(compareVersions(left, `${left}.0`)).toBe(0);
    }),
  );
  expect(compareVersions('2.10', '2.4')).toBe(1);
  expect(compareVersions('2.6.12-1+deb12u1', '2.6.12')).toBe(0);
});

test('finds the version in what runtimes print', () => {
  expect(versionIn('v24.9.0\n')).toBe('24.9.0');
  expect(versionIn('Python 3.11.7\n')).toBe('3.11.7');
  expect(versionIn('no idea')).toBeUndefined();
});
