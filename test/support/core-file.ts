/** An ELF core as a test reads it: its own reader, which shares no code with what writes one. */

export interface LoadSegment {
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly offset: number;
  readonly fileBytes: number;
  readonly bytes: number;
}

export interface CoreNote {
  readonly name: string;
  readonly type: number;
  readonly descriptor: DataView;
}

export interface CoreFile {
  readonly type: number;
  readonly machine: number;
  readonly loads: readonly LoadSegment[];
  readonly notes: readonly CoreNote[];
  /** Bytes by physical address; undefined where the core has none. */
  physical(address: bigint, length: number): Uint8Array | undefined;
  /** The same by virtual address. */
  virtual(address: bigint, length: number): Uint8Array | undefined;
}

export const joined = (pieces: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...pieces]));

export function readCore(file: Uint8Array): CoreFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number): number => Number(view.getBigUint64(at, true));
  const rows = Array.from(
    { length: view.getUint16(56, true) },
    (_, index) => word(32) + index * view.getUint16(54, true),
  );
  const loads = rows
    .filter((at) => view.getUint32(at, true) === 1)
    .map((at) => ({
      offset: word(at + 8),
      virtual: view.getBigUint64(at + 16, true),
      physical: view.getBigUint64(at + 24, true),
      fileBytes: word(at + 32),
      bytes: word(at + 40),
    }));
  const notes = rows
    .filter((at) => view.getUint32(at, true) === 4)
    .flatMap((at) => notesIn(file.subarray(word(at + 8), word(at + 8) + word(at + 32))));
  const read =
    (by: "virtual" | "physical") =>
    (address: bigint, length: number): Uint8Array | undefined => {
      const segment = loads.find(
        (one) => address >= one[by] && address + BigInt(length) <= one[by] + BigInt(one.bytes),
      );
      if (segment === undefined) return undefined;
      const start = Number(address - segment[by]);
      const bytes = new Uint8Array(length);
      bytes.set(file.subarray(segment.offset + start, segment.offset + Math.min(start + length, segment.fileBytes)));
      return bytes;
    };
  return {
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    loads,
    notes,
    physical: read("physical"),
    virtual: read("virtual"),
  };
}

function notesIn(bytes: Uint8Array): CoreNote[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notes: CoreNote[] = [];
  const padded = (length: number): number => (length + 3) & ~3;
  for (let at = 0; at < bytes.length;) {
    const [nameBytes, length, type] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const start = at + 12 + padded(nameBytes);
    notes.push({
      name: Buffer.from(bytes.subarray(at + 12, at + 12 + nameBytes - 1)).toString("latin1"),
      type,
      descriptor: new DataView(bytes.buffer, bytes.byteOffset + start, length),
    });
    at = start + padded(length);
  }
  return notes;
}
