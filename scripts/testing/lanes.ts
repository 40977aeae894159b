// Work side by side: as much at a time as there are lanes.

/** Does the work for each item, in their order; a lane takes the next one where it is ready for it. */
export const inLanes = async <T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> => {
  const waiting = items.values();
  const runLane = async (lane: number): Promise<void> => {
    for (const item of waiting) await work(item, lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
};
