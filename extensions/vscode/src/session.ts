/** The session, the thread and the call that a person looks at. */
import type * as vscode from "vscode";

import { DEBUG_TYPE } from "./debug-type.js";

type Api = Pick<typeof vscode, "debug">;

/** @throws where there is none */
export function activeSession({ debug }: Api): vscode.DebugSession {
  const session = debug.activeDebugSession;
  if (session?.type === DEBUG_TYPE) return session;
  throw new Error("No recording is debugged at the moment: start one with F5");
}

/** The first hart's where none was chosen. */
export const activeThread = ({ debug }: Api): number => debug.activeStackItem?.threadId ?? 1;

export function activeFrame({ debug }: Api): number | undefined {
  const item = debug.activeStackItem;
  return item !== undefined && "frameId" in item ? item.frameId : undefined;
}
