/** The items in an order of chance. */
import type { Random } from "./seeded-random.js";

export const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  items
    .map((item) => ({ item, rank: random(1 << 30) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
