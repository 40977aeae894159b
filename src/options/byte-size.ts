/** A size as a text: a number of MiB, as for QEMU's -m, or with K, M or G. */

/** In bytes, which may be a fraction. Undefined: it is no size. */
export function byteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text);
  const unit = match?.[2] === "" ? UNITS["m"] : UNITS[match?.[2]?.toLowerCase() ?? "?"];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

const UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
