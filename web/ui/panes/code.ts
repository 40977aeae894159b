/** Disassembly around the next instruction, with the lines of the source where they are known. */
import type { CodeRow, MomentAnswer } from "../../protocol.js";
import { button, fill, h } from "../parts/dom.js";
import { hex } from "../model/numbers.js";
import { whenCalled } from "../model/asking.js";
import { empty, noMoment, type PageStore } from "./pane.js";

export function drawCode(store: PageStore, body: HTMLElement): void {
  const { moment } = store.state;
  if (moment === undefined) {
    fill(body, noMoment(store.state));
    return;
  }
  const { code } = moment;
  const rows = code.flatMap((row, index) => [...headsOf(store, row, code[index - 1]), instruction(store, row)]);
  fill(body, h("div", { class: "code" }, ...rows));
  showHere(body);
}

/** The next instruction is in view, also where the pane becomes smaller. */
export function showHere(body: HTMLElement): void {
  const here = body.querySelector<HTMLElement>(".here");
  if (here === null) return;
  const isInView =
    here.offsetTop >= body.scrollTop && here.offsetTop + here.offsetHeight <= body.scrollTop + body.clientHeight;
  if (!isInView) body.scrollTop = Math.max(0, here.offsetTop - body.clientHeight / 2);
}

/** The function's name and the source's line, where they are others than before. */
function headsOf(store: PageStore, row: CodeRow, before: CodeRow | undefined): HTMLElement[] {
  const heads: HTMLElement[] = [];
  const name = nameOf(row);
  if (name !== undefined && name !== nameOf(before))
    heads.push(h("div", { class: "function" }, name, " ", askCalls(store, name)));
  const { file, lineNumber, source } = row;
  if (file !== null && lineNumber !== null && (file !== before?.file || lineNumber !== before.lineNumber)) {
    const place = h("span", { class: "quiet" }, `${file}:${String(lineNumber)}`);
    // Said once of a file.
    const none = file === before?.file ? "" : h("span", { class: "quiet" }, "its text is not here");
    heads.push(h("div", { class: "line source" }, place, source === null ? none : h("span", {}, source)));
  }
  return heads;
}

function instruction(store: PageStore, { address, bytes, text, isPc }: CodeRow): HTMLElement {
  const little = [...bytes]
    .reverse()
    .map((byte) => hex(byte, 2))
    .join("");
  return h(
    "div",
    { class: isPc ? "line here" : "line", "aria-current": isPc && "true" },
    h("span", { class: "mark" }, isPc ? "▸" : " "),
    button(`When was ${hex(address, 1)} executed?`, () => store.dispatch(visits(address)), {
      label: hex(address, 1),
      class: "link",
    }),
    h("span", { class: "quiet" }, little.padStart(8)),
    h("span", { class: bytes.length === 0 && "quiet" }, text),
  );
}

const visits = (address: bigint) =>
  ({
    type: "asked",
    question: { kind: "visits", of: `0x${hex(address, 1)}`, until: undefined },
    title: `when was ${hex(address, 1)} executed?`,
  }) as const;

const nameOf = (row: CodeRow | undefined): string | undefined =>
  row?.symbol?.replace(/\+.*$/, "").replace(/^<|>$/g, "");

const askCalls = (store: PageStore, name: string): HTMLElement =>
  button(`When was ${name} called?`, () => store.dispatch(whenCalled(name)), { label: "calls", class: "ask" });

/** The calls that led here: a click shows that one's variables. */
export function drawStack(store: PageStore, body: HTMLElement): void {
  const { moment } = store.state;
  if (moment === undefined) {
    fill(body);
    return;
  }
  const frames = moment.stack.map((frame, index) => {
    const name = frame.function ?? `0x${hex(frame.pc, 1)}`;
    const place = frame.file === null ? "" : `${frame.file}:${String(frame.lineNumber ?? "?")}`;
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          "data-key": `frame ${String(index)}`,
          "aria-current": String(index === moment.frame),
          onclick: () => store.dispatch({ type: "frameChosen", frame: index }),
        },
        h("span", { class: "quiet" }, `#${String(index)}`),
        h("span", {}, frame.isInlined ? `${name} (inlined)` : name),
        h("span", { class: "quiet" }, place),
      ),
    );
  });
  fill(body, frames.length === 0 ? empty("No stack is known here.") : h("ol", {}, ...frames));
}

/** The function and the line of the frame that is looked at. */
export function placeOf(moment: MomentAnswer | undefined): string {
  const frame = moment?.stack[moment.frame];
  if (frame === undefined) return "";
  const line = frame.file === null ? "" : `  ${frame.file}:${String(frame.lineNumber ?? "?")}`;
  return `${frame.function ?? ""}${line}`;
}
