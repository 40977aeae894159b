/** What an edit makes of the recorded inputs, and where that begins to differ. */
import { from, map, type Observable, type OperatorFunction } from "rxjs";

import { check } from "../../../options/check.js";
import { anyObject, exactly, observable, value } from "../../../options/codecs.js";
import { isSameValue } from "../../../machine/canonical.js";
import { BranchError } from "./branch-error.js";
import { eventOf, inOrder, MAX_BRANCH_INPUTS, tooManyInputs, type BranchInput } from "./branch-input.js";

/** Inputs in, inputs out, all at once: an operator that waits, such as rxjs' `delay`, is refused. */
export type Edit = OperatorFunction<BranchInput, BranchInput>;

/** All of them, one after the other. In order. @throws {BranchError} and what an edit throws */
export function editedBy(inputs: readonly BranchInput[], edits: readonly Edit[]): readonly BranchInput[] {
  try {
    return edits.reduce(edited, inputs);
  } catch (fault) {
    // An edit sees what those before it left.
    const gone =
      fault instanceof BranchError ? inputs.find(({ seq }) => seq !== undefined && seq === fault.seq) : undefined;
    if (gone === undefined) throw fault;
    const message = `event ${String(gone.seq)}, ${gone.type}, was dropped before; name it once`;
    throw new BranchError("NO_SUCH_INPUT", message, gone.seq);
  }
}

/** In order. @throws {BranchError} and what the edit throws */
export function edited(inputs: readonly BranchInput[], edit: Edit): readonly BranchInput[] {
  const after: BranchInput[] = [];
  let isComplete = false;
  let fault: { readonly error: unknown } | undefined;
  const subscription = checked(edit(from(inputs)))
    .pipe(
      map((input, index) => {
        if (index === MAX_BRANCH_INPUTS) throw tooManyInputs("the edit gives");
        return required(input);
      }),
    )
    .subscribe({
      next: (input) => {
        after.push(input);
      },
      error: (error: unknown) => {
        fault = { error };
      },
      complete: () => {
        isComplete = true;
      },
    });
  subscription.unsubscribe();
  if (fault !== undefined) throw fault.error;
  if (!isComplete)
    throw new BranchError(
      "EDIT_NOT_SYNCHRONOUS",
      "the edit did not complete at once; an input that is to come later has a later ns and icount, as delayed() gives it",
    );
  return inOrder(after);
}

const ANSWER = value<Observable<BranchInput>>("an rxjs operator, which answers an Observable", (given) =>
  observable.is(given),
);

/** What an edit answers. @throws {OptionError} */
function checked(edit: Observable<BranchInput>): Observable<BranchInput> {
  check("fork", exactly<{ readonly edit: unknown }>({ edit: ANSWER }), { edit });
  return edit;
}

/** Given by a program. */
function required(input: BranchInput): BranchInput {
  if (!anyObject.is(input)) throw new BranchError("INVALID_INPUT", `the edit gives ${String(input)}: give inputs`);
  const { icount, ns } = input;
  if (!Number.isSafeInteger(icount) || icount < 0 || typeof ns !== "bigint" || ns < 0n)
    throw new BranchError(
      "INVALID_INPUT",
      `the edit gives ${input.type} at icount ${String(icount)}, ns ${String(ns)}: give both, as inputAt() does`,
    );
  eventOf(input);
  return input;
}

/** The index of the first input in which two lists differ; undefined: they are the same. */
export function firstDifference(a: readonly BranchInput[], b: readonly BranchInput[]): number | undefined {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [a[index], b[index]];
    if (one !== other && (one === undefined || other === undefined || !isSameInput(one, other))) return index;
  }
  return undefined;
}

const isSameInput = (a: BranchInput, b: BranchInput): boolean =>
  a.icount === b.icount && a.ns === b.ns && isSameValue(eventOf(a), eventOf(b));
