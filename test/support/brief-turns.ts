/** A clock at which each look ends a turn: else a quick machine is at the end of a short recording in its first one. */
export function briefTurns(): () => number {
  let nowMs = 0;
  return () => (nowMs += 1000);
}
