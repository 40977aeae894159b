/** A script at a console: it waits until the guest prints a text, types, and waits again. */
import { defer, EMPTY, merge, Observable, Subject, tap, type MonoTypeOperatorFunction } from "rxjs";

import { check } from "../../options/check.js";
import { either, exactly, list, text, value } from "../../options/codecs.js";
import type { Machine } from "../../machine/machine.js";
import { isGuestCause } from "../../reducers/power.js";
import { TextSearch } from "../time/text-search.js";
import type { Backend } from "./backend.js";
import { consoleBackend, type ConsoleOptions } from "./backends/console.js";

export type ScriptStep =
  /** Until the guest has printed it, after what the step before waited for. */
  | { readonly wait: string }
  /** At once, and as it is: a terminal's Enter is "\r". */
  | { readonly type: string }
  /** The guest ends, with this exit code. The last step. */
  | { readonly expectExit: number };

/** For one run. */
export interface Script {
  /** Waits and types. */
  readonly backend: Backend;
  /** Emits when nothing is left to wait for or to type. */
  readonly done$: Observable<void>;
  /**
   * For the stream of the run: fails with a ScriptError where it completes before the script, or with another exit
   * code. `within` says how long a host that ended the run had waited, such as "within 10 s".
   */
  check<T>(machine: Machine, within?: () => string | undefined): MonoTypeOperatorFunction<T>;
}

/** The steps are no script, or the guest did not keep to it. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";

  constructor(
    readonly code: "INVALID_SCRIPT" | "SCRIPT_NOT_KEPT",
    message: string,
    /** Counted from 1. */
    readonly step: number,
  ) {
    super(message);
  }
}

export const MAX_SCRIPT_STEPS = 10_000;
/** Of one step, in UTF-8. */
export const MAX_SCRIPT_TEXT_BYTES = 64 * 1024;
const MAX_EXIT_CODE = 2 ** 32 - 1;

/** At the UART, or at the console that `port` and `slot` name. @throws {ScriptError} INVALID_SCRIPT, with the step */
export const script = (steps: readonly ScriptStep[], at: Pick<ConsoleOptions, "port" | "slot"> = {}): Script => {
  checkSteps(steps);
  const done$ = new Subject<void>();
  const typed$ = new Subject<Uint8Array>();
  const reader = new ScriptReader(
    steps,
    (text) => {
      typed$.next(new TextEncoder().encode(text));
    },
    () => {
      done$.next();
    },
  );
  const terminal = consoleBackend({
    ...at,
    input$: typed$,
    write: (bytes) => {
      reader.hear(bytes);
    },
  });
  const begin$ = defer(() => {
    reader.goOn();
    return EMPTY;
  });
  return {
    backend: (effects$, taken$) => merge(terminal(effects$, taken$), begin$),
    done$: done$.asObservable(),
    check: (machine, within = () => undefined) =>
      tap({
        complete: () => {
          reader.requireKept(machine.ended, within());
        },
      }),
  };
};

class ScriptReader {
  /** Index of the present step. */
  private at = 0;
  private search: TextSearch | undefined;

  constructor(
    private readonly steps: readonly ScriptStep[],
    private readonly type: (text: string) => void,
    private readonly done: () => void,
  ) {}

  hear(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.search !== undefined) {
      const end = this.search.endIn(rest);
      if (end === undefined) return;
      rest = rest.subarray(end);
      this.at += 1;
      this.goOn();
    }
  }

  /** Types up to the next text to wait for. */
  goOn(): void {
    this.search = undefined;
    for (; ; this.at += 1) {
      const step = this.steps[this.at];
      if (step === undefined || "expectExit" in step) {
        this.done();
        return;
      }
      if ("wait" in step) {
        this.search = new TextSearch(step.wait);
        return;
      }
      this.type(step.type);
    }
  }

  /** @throws {ScriptError} */
  requireKept(ended: Machine["ended"], within: string | undefined): void {
    const step = this.steps[this.at];
    if (step === undefined) return;
    const isGuest = ended !== null && isGuestCause(ended.cause);
    const how = ended === null ? "the run stopped" : `the run was ended (${ended.cause})`;
    const whenEnded = within ?? `before ${how}`;
    if ("expectExit" in step) {
      if (isGuest && ended.code === step.expectExit) return;
      const what = isGuest ? guestEnd(ended) : `the guest did not end ${whenEnded}`;
      throw this.notKept(`${what}; the script expects exit code ${String(step.expectExit)}`);
    }
    const wanted = "wait" in step ? JSON.stringify(step.wait) : "anything";
    throw this.notKept(
      isGuest ? `${guestEnd(ended)} before it printed ${wanted}` : `${wanted} was not printed ${whenEnded}`,
    );
  }

  private notKept(what: string): ScriptError {
    const step = this.at + 1;
    return new ScriptError("SCRIPT_NOT_KEPT", `step ${String(step)} of the script: ${what}`, step);
  }
}

const guestEnd = ({ cause, code }: NonNullable<Machine["ended"]>): string =>
  `the guest ended (${cause}, code ${String(code)})`;

const STEP = either(
  "{ wait: TEXT }, { type: TEXT } or { expectExit: CODE }",
  exactly<{ readonly wait: string }>({ wait: text }),
  exactly<{ readonly type: string }>({ type: text }),
  exactly<{ readonly expectExit: number }>({ expectExit: value("a number", (given) => typeof given === "number") }),
);

function checkSteps(steps: readonly ScriptStep[]): void {
  check("script", exactly<{ readonly steps: readonly ScriptStep[] }>({ steps: list(STEP) }), { steps });
  if (steps.length > MAX_SCRIPT_STEPS) {
    const most = String(MAX_SCRIPT_STEPS);
    throw invalid(`a script has at most ${most} steps; this one has ${String(steps.length)}`, MAX_SCRIPT_STEPS + 1);
  }
  for (const [index, step] of steps.entries()) {
    const number = index + 1;
    if ("expectExit" in step) {
      const { expectExit } = step;
      if (!Number.isInteger(expectExit) || expectExit < 0 || expectExit > MAX_EXIT_CODE) {
        throw invalid(`expectExit ${String(expectExit)}: an exit code is 0 to ${String(MAX_EXIT_CODE)}`, number);
      }
      if (number < steps.length) throw invalid("expectExit: nothing can come after the guest's end", number);
      continue;
    }
    const size = new TextEncoder().encode("wait" in step ? step.wait : step.type).length;
    if (size > MAX_SCRIPT_TEXT_BYTES) {
      throw invalid(`a text of ${String(size)} bytes; at most ${String(MAX_SCRIPT_TEXT_BYTES)} are possible`, number);
    }
    if ("wait" in step && size === 0) throw invalid("wait: give the text to wait for", number);
  }
}

const invalid = (what: string, step: number): ScriptError =>
  new ScriptError("INVALID_SCRIPT", `step ${String(step)} of the script: ${what}`, step);
