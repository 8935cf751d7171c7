import { compareVersions } from './platform.ts';

/**
 * The newest `GLIBC_x.y` that an ELF file asks for (section `.gnu.version_r`, System V ABI and LSB "Symbol
 * Versioning"), as `2.34`; undefined for what is no ELF file or asks for none. Reads 64-bit little-endian files:
 * x86-64 and arm64, the machines that releases are built for.
 */
export function neededGlibc(file: Uint8Array): string | undefined {
  if (file.length < 64 || file[0] !== 0x7f || text(file, 1, 4) !== 'ELF' || file[4] !== 2 || file[5] !== 1) {
    return undefined;
  }
  try {
    return newest([...neededVersions(new DataView(file.buffer, file.byteOffset, file.byteLength), file)]);
  } catch (error) {
    // Offsets that lead out of the file: damaged or no real ELF file, and no loader would take it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const verneedSection = 0x6ffffffe;

function* neededVersions(view: DataView, file: Uint8Array): Generator<string> {
  const sections = Number(view.getBigUint64(0x28, true));
  const [entrySize, count] = [view.getUint16(0x3a, true), view.getUint16(0x3c, true)];
  const header = (n: number) => {
    const at = sections + n * entrySize;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 0x18, true)),
      link: view.getUint32(at + 0x28, true),
      entries: view.getUint32(at + 0x2c, true),
    };
  };
  for (let n = 0; n < count; n++) {
    const section = header(n);
    if (section.type !== verneedSection) continue;
    const strings = header(section.link).offset;
    let need = section.offset;
    for (let library = 0; library < section.entries; library++) {
      let version = need + view.getUint32(need + 8, true);
      for (let left = view.getUint16(need + 2, true); left > 0; left--) {
        const start = strings + view.getUint32(version + 8, true);
        const name = text(file, start, Math.max(start, file.indexOf(0, start)));
        const glibc = /^GLIBC_([0-9]+(?:\.[0-9]+)+)$/.exec(name)?.[1];
        if (glibc !== undefined) yield glibc;
        version += view.getUint32(version + 12, true);
      }
      need += view.getUint32(need + 12, true);
    }
  }
}

function newest(versions: readonly string[]): string | undefined {
  return versions.toSorted((left, right) => compareVersions(right, left))[0];
}

function text(file: Uint8Array, start: number, end: number): string {
  return new TextDecoder('latin1').decode(file.subarray(start, end));
}
