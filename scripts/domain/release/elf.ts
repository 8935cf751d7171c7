import { compareVersions } from '../version.ts';

/** Bytes of a file from `offset` on; fewer than `length` where the file ends. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/**
 * The newest `GLIBC_x.y` that an ELF file asks for (section `.gnu.version_r`, System V ABI and LSB "Symbol
 * Versioning"), as `2.34`; undefined for a file that is not ELF or asks for none. Reads 64-bit little-endian
 * files: x86-64 and arm64, the machines that releases are built for. A library may be gigabytes: only its
 * tables are read.
 */
export function neededGlibc(read: ReadAt): string | undefined {
  const ident = read(0, 6);
  if (latin1(ident.subarray(0, 4)) !== '\x7fELF' || ident[4] !== 2 || ident[5] !== 1) return undefined;
  try {
    return newest([...neededVersions(read)]);
  } catch (error) {
    // Offsets that lead out of the file: it is damaged or not ELF, and no loader would take it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const verneedSection = 0x6ffffffe;
/** "GLIBC_2.34" and the like; a longer name is not a version of the C library. */
const longestName = 64;

function* neededVersions(read: ReadAt): Generator<string> {
  const structure = (offset: number, size: number) => {
    const bytes = read(offset, size);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const file = structure(0, 64);
  const sections = Number(file.getBigUint64(0x28, true));
  const [entrySize, count] = [file.getUint16(0x3a, true), file.getUint16(0x3c, true)];
  const section = (n: number) => {
    const header = structure(sections + n * entrySize, 64);
    return {
      type: header.getUint32(4, true),
      offset: Number(header.getBigUint64(0x18, true)),
      link: header.getUint32(0x28, true),
      entries: header.getUint32(0x2c, true),
    };
  };
  for (let n = 0; n < count; n++) {
    const { type, offset, link, entries } = section(n);
    if (type !== verneedSection) continue;
    const strings = section(link).offset;
    for (const need of chain(structure, offset, entries)) {
      const versions = need.at + need.view.getUint32(8, true);
      for (const version of chain(structure, versions, need.view.getUint16(2, true))) {
        const name = cString(read(strings + version.view.getUint32(8, true), longestName));
        const glibc = /^GLIBC_([0-9]+(?:\.[0-9]+)+)$/.exec(name)?.[1];
        if (glibc !== undefined) yield glibc;
      }
    }
  }
}

/**
 * Structures of 16 bytes, `count` at most; the last four say how far it is to the next, the last one says 0.
 */
function* chain(structure: (offset: number, size: number) => DataView, offset: number, count: number) {
  for (let at = offset, step = -1, left = count; step !== 0 && left > 0; at += step, left--) {
    const view = structure(at, 16);
    step = view.getUint32(12, true);
    yield { at, view };
  }
}

function newest(versions: readonly string[]): string | undefined {
  return versions.toSorted((left, right) => compareVersions(right, left))[0];
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
