/** A machine that runs, as the server shows it: what happens, what has happened until now, and its console. */
import { randomBytes } from "node:crypto";

import { virtualNsOf } from "../../../machine/inspect.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { openLogFile } from "../../host/log-file.js";
import type { Stdio } from "../../host/stdio.js";
import type { NameSource } from "../../past/names/name-source.js";
import type { Recording } from "../../past/recording.js";
import { LiveRows, onlyOfThePast, type QuestionsByKind, type StreamRow } from "../../rows/index.js";
import type { OpenedMachine } from "../../session/machine-options.js";
import { openRecording } from "../../session/open-recording.js";
import { presentOf } from "../../session/present-recording.js";
import { questionsOf, type RowChoice } from "../../session/row-choice.js";
import type { LiveTarget } from "../../session/target/live-target.js";
import { endedAt } from "../../store/log/index.js";
import { Refusal } from "../refusal.js";
import { LiveConsole } from "./live-console.js";

const RUN_BYTES = 6;

/** What is recorded of it is asked under this name. */
export const LIVE_NAME = "live";

interface Running {
  readonly target: LiveTarget;
  readonly rows: LiveRows;
  /** What questions are asked about while it runs. */
  readonly asked: Recording;
}

/** Readers that ask questions at the same time: each slows the machine. */
export const MAX_LIVE_ASKING = 16;

export class LiveMachine {
  readonly console = new LiveConsole();
  private running: Running | undefined;
  private hasEnded = false;
  private asking = 0;
  private began: () => void = () => undefined;
  /** Resolves when it can be looked at. */
  readonly begun = new Promise<void>((resolve) => (this.began = resolve));
  /** Tells this run's rows from another's, by chance. */
  readonly run = randomBytes(RUN_BYTES).toString("base64url");

  /** `path`: of the recording that it makes. `symbols`: files with more names of its program. */
  constructor(
    private readonly path: string,
    private readonly symbols: readonly string[] = [],
  ) {}

  /** For its session. */
  readonly follow = (opened: OpenedMachine, target: LiveTarget, symbols?: readonly NameSource[]): LiveRows => {
    const rows = new LiveRows(opened.machine, opened.probing);
    this.running = { target, rows, asked: presentOf(opened, symbols) };
    this.began();
    return rows;
  };

  /** The standard streams of its session: the console is the server's. */
  stdio({ stderr, onExit, onContinued }: Stdio): Stdio {
    const { input: stdin, output: stdout } = this.console;
    return { stdin, stdout, stderr, onExit, onContinued, onSignal: () => () => undefined };
  }

  /** It is off: what is recorded of it is whole. */
  over(): void {
    this.hasEnded = true;
  }

  quit(): void {
    this.running?.target.quit();
  }

  get status(): object {
    const present = this.present.target.present();
    return { recording: LIVE_NAME, running: !this.hasEnded, ...present.position, ns: virtualNsOf(present) };
  }

  /** @throws {Refusal} where it has not begun */
  get position(): PlainPosition {
    return this.present.target.present().position;
  }

  /** Nothing happens any more. */
  get isOver(): boolean {
    return this.present.rows.isOver;
  }

  /**
   * From when they are read on, for as long as `signal` says. @throws {Refusal} for what only a recording can be asked;
   * {OptionError} and {PlaceError} for what is not there
   */
  rows(choice: RowChoice, whenFull: "gap" | "pause", signal: AbortSignal): AsyncIterable<StreamRow> {
    const { rows, asked } = this.present;
    const questions = questionsOf(choice, asked);
    if (choice.asked.size > 0) this.admit(questions, signal);
    return rows.rows({ events: choice.events, questions, whenFull });
  }

  private admit(questions: QuestionsByKind, signal: AbortSignal): void {
    const refused = onlyOfThePast(questions).join(", ");
    const instead = `ask what is recorded: /recordings/${LIVE_NAME}/events`;
    if (refused !== "")
      throw new Refusal(400, "NOT_LIVE", `${refused}: this can't be asked of a machine while it runs; ${instead}`);
    if (this.asking >= MAX_LIVE_ASKING)
      throw new Refusal(503, "BUSY", `${String(MAX_LIVE_ASKING)} readers ask it questions already; ${instead}`);
    this.asking += 1;
    signal.addEventListener("abort", () => (this.asking -= 1), { once: true });
  }

  /** What is recorded until now, for as long as `signal` says. */
  past(signal: AbortSignal): Recording {
    const recording = this.hasEnded ? this.whole() : this.untilNow();
    signal.addEventListener("abort", () => {
      recording.log.close();
    });
    return recording;
  }

  private whole(): Recording {
    return openRecording(this.path, { index: false, symbols: this.symbols });
  }

  /** In a log of its own: others read on in theirs. */
  private untilNow(): Recording {
    const { recorded } = this.present.target;
    if (recorded === undefined)
      throw new Refusal(503, "NOT_RECORDED", "nothing is recorded of it yet: ask again later");
    const { end } = recorded.log;
    const openLog = () => {
      const log = openLogFile(this.path);
      return log.end === undefined && end !== undefined ? endedAt(log, end) : log;
    };
    return recorded.sibling(openLog, { kept: recorded.kept, path: this.path, nameFiles: this.symbols });
  }

  private get present(): Running {
    if (this.running === undefined) throw new Refusal(503, "NOT_BEGUN", "the machine has not begun: ask again later");
    return this.running;
  }
}
