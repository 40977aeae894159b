/** One client's session: its requests are answered one by one, each by its row of the table. */
import { DebugSession, Response } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";

import type { Effect } from "../../../reducers/effect.js";
import { nearestOf } from "../../../options/nearest.js";
import type { Hit } from "../stop-points/stop-points.js";
import { ConsoleLines } from "./console-lines.js";
import { PointsSet } from "./breakpoints/points-set.js";
import { DapError } from "./dap-error.js";
import { momentOf } from "./moment.js";
import type { Debuggee } from "./debuggee.js";
import type { Given, Launcher } from "./launcher.js";

/** The body of the answer. */
export type Answer = object | undefined;

export type DapRequest = (session: DapSession, given: Given) => Answer | Promise<Answer>;

/** By their commands. */
export type DapRequests = Readonly<Record<string, DapRequest>>;

export interface DapSessionOptions {
  readonly requests: DapRequests;
  readonly launch: Launcher;
  /** The client wants no more. */
  readonly left: () => void;
}

export class DapSession extends DebugSession {
  stopsOnEntry = true;
  /** The trap that it stands before, if it stopped there. */
  trap: Hit["trap"];
  private readonly lines = new ConsoleLines(({ text, ...where }) => {
    this.print("stdout", text, where);
  });
  private set: PointsSet | undefined;
  private opened: Debuggee | undefined;
  private hasLeft = false;

  constructor(private readonly options: DapSessionOptions) {
    super();
    this.setRunAsServer(true);
  }

  get launch(): Launcher {
    return this.options.launch;
  }

  /** @throws {DapError} */
  get debuggee(): Debuggee {
    if (this.opened !== undefined) return this.opened;
    throw new DapError("NO_MACHINE", "there is no machine yet: launch one, or attach to a recording");
  }

  /** @throws {DapError} */
  get points(): PointsSet {
    return (this.set ??= new PointsSet(this.debuggee));
  }

  open(debuggee: Debuggee): void {
    if (this.opened !== undefined) throw new DapError("RUNNING", "this session has its machine already: begin another");
    this.opened = debuggee;
    // Who left did not wait for it.
    if (this.hasLeft) void this.close();
  }

  /** An event to the client, unless it has left. */
  tell(event: string, body?: object): void {
    if (!this.hasLeft) this.sendEvent({ type: "event", seq: 0, event, ...(body && { body }) });
  }

  /** What the guest did, as a client sees it. */
  heard(effect: Effect, icount: number): void {
    this.lines.heard(effect, icount);
  }

  /** What the guest has printed of a line that has not ended. */
  flush(): void {
    this.lines.flush();
  }

  /** Of a log point, where the machine is. */
  log(line: string, icount: number): void {
    this.print("console", `${line}\n`, { icount });
  }

  /** A line for people. */
  say(line: string): void {
    this.tell("output", { category: "console", output: `${line}\n` });
  }

  /** Once the request that is asked now is answered. */
  soon(call: () => void): void {
    setImmediate(() => {
      try {
        call();
      } catch (fault) {
        this.say(messageOf(fault));
      }
    });
  }

  /** There is nothing to debug any more. */
  end(): void {
    this.soon(() => {
      this.tell("terminated");
      void this.leave();
    });
  }

  /** Once. What the client had set goes with it. */
  async leave(): Promise<void> {
    if (this.hasLeft) return;
    this.hasLeft = true;
    await this.close();
    this.options.left();
  }

  /** How a machine failed was told, or nobody is there any more. */
  private async close(): Promise<void> {
    try {
      await this.opened?.close();
    } catch {
      return;
    }
  }

  /** With where that was: what executed, and the moment. */
  private print(category: string, text: string, more: { readonly port?: string; readonly icount: number }): void {
    const { target, paths } = this.debuggee;
    const present = target.present();
    const { seq, icount } = { ...present.position, ...more };
    const line = target.names.lineAt(present.harts[present.schedule.hart]?.fields.pc ?? 0n);
    this.tell("output", {
      category,
      output: text,
      data: { at: momentOf({ seq, icount }), seq, icount, ...(more.port !== undefined && { port: more.port }) },
      ...(line !== undefined && { source: paths.sourceOf(line.file), line: line.line }),
    });
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    void this.answer(request);
  }

  private async answer(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    try {
      const { requests } = this.options;
      const asked = Object.hasOwn(requests, request.command) ? requests[request.command] : undefined;
      if (asked === undefined) throw this.unknown(request.command);
      const given: unknown = request.arguments ?? {};
      const body = await asked(this, typeof given === "object" && given !== null ? (given as Given) : {});
      if (body !== undefined) response.body = body;
    } catch (fault) {
      this.fail(response, fault);
    }
    this.sendResponse(response);
  }

  private fail(response: DebugProtocol.Response, fault: unknown): void {
    const format = messageOf(fault);
    response.success = false;
    response.message = format;
    // Braces are for variables, which there are none of.
    response.body = { error: { id: 1, format, showUser: true } };
  }

  private unknown(command: string): DapError {
    const near = nearestOf(command, Object.keys(this.options.requests));
    const meant = near === undefined ? "" : `; is ${near} meant?`;
    return new DapError("NO_SUCH_REQUEST", `there is no request ${command}${meant}`);
  }
}

/** What a program that is wrong throws. An error that somebody made for a reader has a name of its own. */
const FAULTS: ReadonlySet<string> = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError", "EvalError"]);

function messageOf(fault: unknown): string {
  const { name, message } = fault instanceof Error ? fault : { name: "", message: String(fault) };
  return FAULTS.has(name) ? `this is a fault in foldvm, please report it: ${message}` : message;
}
