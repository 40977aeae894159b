/**
 * Writes a cpio archive in the `newc` format that Linux reads as an initramfs: the same entries give the same bytes.
 */

/** One file of the archive. Paths are relative, without a leading slash, and parents stand before their children. */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly bytes: Uint8Array }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | {
      readonly kind: "characterDevice";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

/**
 * The archive of `entries`, in their order. Inode numbers count from 0, as `cpio --reproducible` has them; every mtime,
 * uid and gid is 0.
 */
export const cpioNewc = (entries: readonly CpioEntry[]): Uint8Array => {
  const members = entries.map((entry, index) => member(entry, index));
  members.push(record(TRAILER_NAME, { ino: 0, mode: 0, nlink: 1, rdevMajor: 0, rdevMinor: 0 }, new Uint8Array(0)));
  return concat(members, ARCHIVE_BLOCK_BYTES);
};

// Linux Documentation/driver-api/early-userspace/buffer-format.rst: 13 fields of eight hex digits after the magic.
const MAGIC = "070701";
const TRAILER_NAME = "TRAILER!!!";
const ALIGNMENT_BYTES = 4;
// GNU cpio fills its last block of 512 bytes; the kernel skips the zeros, and both then write the same file.
const ARCHIVE_BLOCK_BYTES = 512;

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const S_IFCHR = 0o020000;

interface Inode {
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

const NOT_A_DEVICE = { rdevMajor: 0, rdevMinor: 0 };
const NO_BYTES = new Uint8Array(0);

const member = (entry: CpioEntry, ino: number): Uint8Array => {
  switch (entry.kind) {
    case "directory":
      return record(entry.path, { ino, mode: S_IFDIR | entry.mode, nlink: 2, ...NOT_A_DEVICE }, NO_BYTES);
    case "file":
      return record(entry.path, { ino, mode: S_IFREG | entry.mode, nlink: 1, ...NOT_A_DEVICE }, entry.bytes);
    case "symlink": {
      const target = new TextEncoder().encode(entry.target);
      return record(entry.path, { ino, mode: S_IFLNK | 0o777, nlink: 1, ...NOT_A_DEVICE }, target);
    }
    case "characterDevice": {
      const { major, minor } = entry;
      return record(
        entry.path,
        { ino, mode: S_IFCHR | entry.mode, nlink: 1, rdevMajor: major, rdevMinor: minor },
        NO_BYTES,
      );
    }
  }
};

const record = (path: string, inode: Inode, bytes: Uint8Array): Uint8Array => {
  const name = new TextEncoder().encode(`${path}\0`);
  const [uid, gid, mtime, devMajor, devMinor, check] = [0, 0, 0, 0, 0, 0];
  const fields = [inode.ino, inode.mode, uid, gid, inode.nlink, mtime, bytes.length, devMajor, devMinor];
  fields.push(inode.rdevMajor, inode.rdevMinor, name.length, check);
  const header = new TextEncoder().encode(MAGIC + fields.map(hex8).join(""));
  return concat([concat([header, name], ALIGNMENT_BYTES), bytes], ALIGNMENT_BYTES);
};

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");

const concat = (parts: readonly Uint8Array[], alignmentBytes: number): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(Math.ceil(length / alignmentBytes) * alignmentBytes);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
};
