import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neededGlibc, type ReadAt } from '../../../scripts/domain/release/elf.ts';
import { skippedBecause, whyMissing } from '../../support/run/skipped-because.ts';

/** A 64-bit little-endian file with one `.gnu.version_r` that asks one library for these versions. */
function elf(...versions: readonly string[]): Uint8Array {
  const strings = Buffer.from(`\0libc.so.6\0${versions.map((each) => `${each}\0`).join('')}`);
  const needs = Buffer.alloc(16 + versions.length * 16);
  needs.writeUInt16LE(versions.length, 2);
  needs.writeUInt32LE(1, 4);
  needs.writeUInt32LE(16, 8);
  let name = 1 + 'libc.so.6\0'.length;
  versions.forEach((version, index) => {
    const at = 16 + index * 16;
    needs.writeUInt32LE(name, at + 8);
    needs.writeUInt32LE(index === versions.length - 1 ? 0 : 16, at + 12);
    name += version.length + 1;
  });
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const stringsAt = 64;
  const needsAt = stringsAt + strings.length;
  const sectionsAt = needsAt + needs.length;
  header.writeBigUInt64LE(BigInt(sectionsAt), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(2, 0x3c);
  const section = (type: number, offset: number, link: number, entries: number) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(type, 4);
    bytes.writeBigUInt64LE(BigInt(offset), 0x18);
    bytes.writeUInt32LE(link, 0x28);
    bytes.writeUInt32LE(entries, 0x2c);
    return bytes;
  };
  const sections = [section(0x6ffffffe, needsAt, 1, 1), section(3, stringsAt, 0, 0)];
  return Buffer.concat([header, strings, needs, ...sections]);
}

const reading =
  (bytes: Uint8Array): ReadAt =>
  (offset, length) =>
    bytes.subarray(offset, offset + length);

describe('the glibc that a native file needs', () => {
  it('is the newest of all that it asks for, by number and not by text', () => {
    expect(neededGlibc(reading(elf('GLIBC_2.2.5', 'GLIBC_2.34', 'GLIBC_2.9')))).toBe('2.34');
    expect(neededGlibc(reading(elf('GLIBC_2.9', 'GLIBC_2.17')))).toBe('2.17');
  });

  it('is nothing for what asks for none, or for private symbols and other libraries alone', () => {
    expect(neededGlibc(reading(elf('GLIBC_PRIVATE', 'GCC_3.0')))).toBeUndefined();
  });

  it('is nothing for text, for other word sizes and for an empty file', () => {
    for (const bytes of [
      Buffer.from('#!/bin/sh\n'),
      Buffer.alloc(0),
      elf('GLIBC_2.2').with(4, 1),
      elf('GLIBC_2.2').with(5, 2),
    ]) {
      expect(neededGlibc(reading(bytes))).toBeUndefined();
    }
  });

  it('never throws and never hangs on a damaged file', () => {
    const sound = elf('GLIBC_2.2.5', 'GLIBC_2.34');
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, value, length) => {
        const found = neededGlibc(reading(sound.with(at, value).subarray(0, length)));
        expect(found === undefined || typeof found === 'string').toBe(true);
      }),
    );
  });

  it('is what objdump reads in a real program', skippedBecause(whyMissing('objdump')), () => {
    const program = process.execPath;
    const { stdout } = spawnSync('objdump', ['-p', program], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const versions = [...stdout.matchAll(/GLIBC_([0-9.]+)/g)].map(([, version = '']) => version);
    const newest = versions.toSorted((left, right) => left.localeCompare(right, 'en', { numeric: true }));
    const bytes = readFileSync(program);
    let bytesRead = 0;
    const read = (offset: number, length: number) => {
      bytesRead += length;
      return reading(bytes)(offset, length);
    };
    expect(neededGlibc(read)).toBe(newest.at(-1));
    expect(bytesRead).toBeLessThan(bytes.length / 100);
  });
});
