import { BehaviorSubject, of, Subject, throwError } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { beside } from "../../../src/streams/time/beside.js";

const heard = (): { readonly values: unknown[]; readonly observer: Record<string, (value?: unknown) => void> } => {
  const values: unknown[] = [];
  return {
    values,
    observer: {
      next: (value) => values.push(value),
      error: (fault) => values.push(`error ${String(fault)}`),
      complete: () => values.push("complete"),
    },
  };
};

test("given work that emits, when the stream does too, then only the stream is heard", () => {
  const { values, observer } = heard();
  beside(of(1, 2), of("a", "b")).subscribe(observer);
  assert.equal(values, [1, 2, "complete"]);
});

test("given work that fails, when the stream goes on, then its error ends the stream", () => {
  const { values, observer } = heard();
  const events$ = new Subject<number>();
  const work$ = new Subject<never>();
  beside(events$, work$).subscribe(observer);
  events$.next(1);
  work$.error("full");
  events$.next(2);
  assert.equal(values, [1, "error full"]);
  assert.is(events$.observed, false);
});

test("given work that fails at once, then the stream is never begun", () => {
  const { values, observer } = heard();
  const events$ = new BehaviorSubject(1);
  beside(
    events$,
    throwError(() => "full"),
  ).subscribe(observer);
  assert.equal(values, ["error full"]);
});

test("given a stream that completes, then the work is over", () => {
  const { observer } = heard();
  const work$ = new Subject<never>();
  beside(of(1), work$).subscribe(observer);
  assert.is(work$.observed, false);
});

test.run();
