/** Questions that a machine is asked while it runs: what they find is told at once. */
import { OptionError } from "../../options/option-error.js";
import type { Machine } from "../../machine/machine.js";
import type { Probing } from "../../machine/probing.js";
import type { BegunLines } from "../past/query/printed-lines.js";
import type { Listener, Reading } from "../past/query/question.js";
import type { RowOfHart } from "../past/query/row.js";
import { toldOnce } from "../past/query/told-once.js";
import type { QuestionsByKind } from "./questions-by-kind.js";
import type { FoundRow } from "./row.js";

export interface LiveQuestionsOptions {
  readonly machine: Machine;
  /** Undefined: its engine tells nobody what the guest does, so that only what it printed can be asked for. */
  readonly probing: Probing | undefined;
  /** Lines that are printed in part: they are told whole. */
  readonly begun: BegunLines;
  readonly emit: (row: FoundRow) => void;
  readonly failed: (fault: unknown) => void;
}

export interface LiveQuestions {
  /** The run is over. */
  end(): void;
  leave(): void;
}

/** @throws {OptionError} where one can't be asked so; and what opening it throws, as where no such name is known */
export function askLive(questions: QuestionsByKind, options: LiveQuestionsOptions): LiveQuestions {
  const opened: LiveQuestions[] = [];
  const leave = (): void => {
    for (const one of opened) one.leave();
  };
  try {
    for (const [kind, query] of Object.entries(questions)) opened.push(askOne(kind, query.open(), options));
  } catch (fault) {
    leave();
    throw fault;
  }
  return {
    end: () => {
      for (const one of opened) one.end();
    },
    leave,
  };
}

/** Those that a machine can't be asked while it runs. Each is opened. @throws what opening one throws */
export const onlyOfThePast = (questions: QuestionsByKind): readonly string[] =>
  Object.entries(questions).flatMap(([kind, query]) => {
    const reading = query.open();
    const isAnswerable = canAnswer(reading, reading.listen(true));
    reading.leave?.();
    return isAnswerable ? [] : [kind];
  });

function askOne(
  kind: string,
  reading: Reading<RowOfHart>,
  { machine, probing, begun, emit, failed }: LiveQuestionsOptions,
): LiveQuestions {
  const listener = reading.listen(true);
  if (!canAnswer(reading, listener))
    throw new OptionError(`${kind}: this can't be asked of a machine while it runs; record it, and ask the recording`, {
      option: "questions",
    });
  listener.joins?.(begun);
  const emitted = (row: RowOfHart): void => {
    emit({ kind, ...row });
  };
  // In the middle of a run, where nothing may be thrown.
  const take = (find: () => readonly unknown[] | undefined): void => {
    try {
      for (const found of find() ?? []) if (found !== undefined) reading.take(found, emitted);
    } catch (fault) {
      failed(fault);
    }
  };
  const stopListening = machine.listen((effect) => {
    take(() => listener.heard?.(machine, effect));
  });
  const watcher = watched();
  return {
    end: () => {
      take(() => listener.ends?.(machine));
      reading.end?.(emitted);
    },
    leave: () => {
      stopListening();
      watcher?.leave();
      reading.leave?.();
    },
  };

  function watched(): { leave(): void } | undefined {
    const { probes } = listener;
    if (probes === undefined) return undefined;
    if (probing === undefined) throw new OptionError(`${kind}: ${NOT_PROBED}`, { option: "questions" });
    const tell = toldOnce(machine, (icount, probed) => {
      take(() => [listener.told?.(machine, icount, probed)]);
    });
    const watching = probing.watcher(machine, tell);
    watching.watch(probes);
    return watching;
  }
}

const NOT_PROBED =
  "the engine of this machine tells nobody what the guest does; give openMachine a Probing, and the same to LiveRows";

/** Others want the machine to stand where it would not, or know what they found only later. */
const canAnswer = (reading: Reading<RowOfHart>, listener: Listener<unknown>): boolean => {
  const isLater = reading.isOrdered === true || reading.more !== undefined;
  return !isLater && listener.stands === undefined && listener.nextIcount === undefined;
};
