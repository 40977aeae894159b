/** What a guest printed, and when: for going there. */
import type * as vscode from "vscode";

import type { Moment } from "../../../src/streams/session/dap/own-requests.js";

export interface PrintedLine {
  readonly text: string;
  readonly at: Moment;
}

/** Of a session; the oldest are forgotten. */
export const MAX_PRINTED_LINES = 1000;

export class PrintedLines implements vscode.DebugAdapterTrackerFactory {
  private readonly bySession = new Map<string, PrintedLine[]>();

  createDebugAdapterTracker({ id }: Pick<vscode.DebugSession, "id">): vscode.DebugAdapterTracker {
    return {
      onDidSendMessage: (message: unknown) => {
        this.take(id, message as Told);
      },
    };
  }

  of({ id }: Pick<vscode.DebugSession, "id">): readonly PrintedLine[] {
    return this.bySession.get(id) ?? [];
  }

  forget({ id }: Pick<vscode.DebugSession, "id">): void {
    this.bySession.delete(id);
  }

  private take(id: string, { type, event, body }: Told): void {
    const at = body?.data?.at;
    if (type !== "event" || event !== "output" || typeof at !== "string") return;
    const lines = this.bySession.get(id) ?? [];
    this.bySession.set(id, lines);
    for (const text of (body?.output ?? "").split(/\r?\n/)) if (text.trim() !== "") lines.push({ text, at });
    if (lines.length > MAX_PRINTED_LINES) lines.splice(0, lines.length - MAX_PRINTED_LINES);
  }
}

/** What an adapter says, as far as it is looked at. */
interface Told {
  readonly type?: string;
  readonly event?: string;
  readonly body?: { readonly output?: string; readonly data?: { readonly at?: unknown } };
}
