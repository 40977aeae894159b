/** Functions of a Debian kernel that a boot never calls. */
import { visits, type Recording } from "../../dist/index.js";
import type { Random } from "../../test/support/seeded-random.js";

/** As many as are looked at for each that is wanted. */
const CANDIDATES = 4;

/** Among those that it calls, all over the kernel. @returns their addresses */
export function neverVisited(recording: Recording, count: number, random: Random): readonly bigint[] {
  const functions = recording.names.functionsNamed(/^[a-z]/).filter(({ address }) => address >= KERNEL);
  const candidates = Array.from(
    { length: count * CANDIDATES },
    () => functions[random(functions.length)]?.address ?? 0n,
  );
  const mapped = [...new Set(candidates)];
  const visited = new Set(
    visits(recording, { of: mapped })
      .toArray()
      .map(({ pc }) => pc),
  );
  return mapped.filter((address) => !visited.has(address)).slice(0, count);
}

const KERNEL = 0xffff_ffff_8000_0000n;
