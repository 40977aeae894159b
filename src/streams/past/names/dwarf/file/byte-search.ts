/** Where some bytes occur in a section. It is read through once, in order, and nothing of it stays in memory. */
import type { Section } from "./section.js";

const PART_BYTES = 2 ** 20;

/** Offsets that ascend; each part of the section is read when it is asked for. No pattern may be empty. */
export function* occurrences(section: Section, patterns: readonly Uint8Array[]): Generator<number> {
  const longest = Math.max(0, ...patterns.map(({ length }) => length));
  for (let offset = 0; offset < section.size; offset += PART_BYTES) {
    // An occurrence that begins in this part may end in the next one.
    const bytes = section.read(offset, Math.min(PART_BYTES + longest - 1, section.size - offset));
    const found = patterns.flatMap((pattern) => [...within(bytes, pattern)]);
    if (found.length > 1) found.sort((a, b) => a - b);
    for (const at of found) if (at < PART_BYTES) yield offset + at;
  }
}

function* within(bytes: Uint8Array, pattern: Uint8Array): Generator<number> {
  const key = rarest(bytes, pattern);
  for (let at = bytes.indexOf(pattern[key]!, key); at >= 0; at = bytes.indexOf(pattern[key]!, at + 1)) {
    const start = at - key;
    if (start + pattern.length > bytes.length) return;
    if (pattern.every((byte, index) => bytes[start + index] === byte)) yield start;
  }
}

/** Which byte of the pattern the engine finds with the fewest stops, by a sample. */
function rarest(bytes: Uint8Array, pattern: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes.subarray(0, SAMPLE_BYTES)) counts[byte]! += 1;
  let best = 0;
  for (let index = 1; index < pattern.length; index++) {
    if (counts[pattern[index]!]! < counts[pattern[best]!]!) best = index;
  }
  return best;
}

const SAMPLE_BYTES = 2 ** 12;
