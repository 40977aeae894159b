/** Sources that lay in memory at reset: out of which file, and zeros beside them. */
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { hexAddress } from "../../../reducers/hex.js";
import type { PlacedImage, Recording } from "../recording.js";
import { Source, type SourceRow } from "./source.js";
import type { MemorySpot } from "./spot.js";
import type { Place } from "./windows-back.js";

/** The images that the bytes lie in; where they are in several, or partly in none, each is told. */
export function imageSources(recording: Recording, spot: MemorySpot, row: SourceRow, life: Place): Source {
  if (spot.address < DRAM_BASE) return new Source({ ...row, kind: "image", text: "the mask ROM" });
  const end = spot.address + spot.bytes;
  const inside = recording.segmentsAtReset.filter(
    ({ address, bytes }) => address < end && address + bytes > spot.address,
  );
  if (inside.length === 0) return new Source({ ...row, kind: "zero", text: sinceText(life) });
  const files = inside.map((image) => fileText(recording, image, Math.max(0, spot.address - image.address)));
  const isWhole = inside.reduce((sum, image) => sum + overlap(image, spot.address, end), 0) === spot.bytes;
  return new Source({ ...row, kind: "image", text: [...files, ...(isWhole ? [] : ["zeros"])].join(", ") });
}

/** Before a reset of the guest's it may have been written. */
const sinceText = ({ seq, icount }: Place): string =>
  icount === 0 ? "never written" : `not written since the reset at icount ${String(icount)} seq ${String(seq)}`;

const overlap = ({ address, bytes }: PlacedImage, from: number, until: number): number =>
  Math.max(0, Math.min(address + bytes, until) - Math.max(address, from));

function fileText(recording: Recording, { role, fileOffset }: PlacedImage, offset: number): string {
  const path = recording.info.images.find((image) => image.role === role)?.path;
  const place = fileOffset === undefined ? "" : `+${hexAddress(fileOffset + offset)}`;
  return `${role}${path === undefined ? "" : ` ${path}`}${place}`;
}
