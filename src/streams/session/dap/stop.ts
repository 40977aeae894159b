/** Why a machine stands, as a client is told (`stopped`). */
export interface DapStop {
  readonly reason: string;
  /** In words, for people. */
  readonly description?: string | undefined;
  /** More of it. */
  readonly text?: string | undefined;
  readonly hart: number;
  readonly hitBreakpointIds?: readonly number[] | undefined;
}
