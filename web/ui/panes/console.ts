/** The console as it was, in a terminal: a click on a line leads to the moment at which it was printed. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";

import type { ConsoleAnswer } from "../../protocol.js";
import { paletteOf, type Palette } from "../parts/colours.js";
import { button, h } from "../parts/dom.js";
import { counted } from "../model/numbers.js";
import { activeOf } from "../model/state.js";
import { SCROLLBACK_LINES, writerOf } from "./console-writer.js";
import { empty, pane, type PageStore } from "./pane.js";

const ESCAPE = "\x1b";
const TYPED = "The machine's console: what is typed goes to it. Shift and Tab leave it";
const LOOKED_AT = "The console as it was. Page Up and Page Down scroll it";

export function consolePane(store: PageStore): HTMLElement {
  const host = h("div", { class: "terminal" });
  const ports = h("select", {
    "aria-label": "Console",
    onchange: () => store.dispatch({ type: "portChosen", port: ports.value }),
  });
  const note = h("span", { class: "quiet" });
  const follow = button("Follow the machine, and type at it", () => store.dispatch({ type: "followed" }), {
    label: "● live",
  });
  const { root } = pane("Console", "console-pane", host, ports, note, h("span", { class: "spring" }), follow);
  const screen = screenOf(host, store);
  const none = h(
    "div",
    { class: "none" },
    empty("Nothing was printed by then. "),
    button("To the next line", () => store.dispatch({ type: "stepped", kind: "output", direction: "forward" }), {
      key: "o",
    }),
  );
  host.append(none);
  store.view(
    ({ console }) => console,
    (console) => {
      none.hidden = console === undefined || console.length > 0 || console.isPartial;
      if (console === undefined) return;
      screen.show(console);
      if (console.ports.length !== ports.length)
        ports.replaceChildren(...console.ports.map((port) => h("option", { value: port }, port)));
      ports.value = console.port;
      ports.hidden = console.ports.length < 2;
      note.textContent = noteOf(console);
    },
  );
  store.view(
    (state) => [activeOf(state)?.isLive, state.isFollowing] as const,
    ([isLive, isFollowing]) => {
      follow.hidden = isLive !== true;
      follow.setAttribute("aria-pressed", String(isFollowing));
      screen.canType(isLive === true && isFollowing);
    },
  );
  store.view(({ scheme }) => scheme, screen.colour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", screen.colour);
  return root;
}

function noteOf({ isPartial, length, from }: ConsoleAnswer): string {
  if (isPartial) return "more is on its way";
  return from > 0 ? `the last ${counted(length - from)} of ${counted(length)} bytes` : `${counted(length)} bytes`;
}

interface Screen {
  readonly show: (console: ConsoleAnswer) => void;
  readonly canType: (can: boolean) => void;
  readonly colour: () => void;
}

function screenOf(host: HTMLElement, store: PageStore): Screen {
  const terminal = new Terminal({
    ...{ convertEol: true, disableStdin: true, scrollback: SCROLLBACK_LINES, fontSize: 12, cursorBlink: false },
    ...{ fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"), minimumContrastRatio: 4.5 },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  new ResizeObserver(() => {
    if (host.clientHeight > 0) fit.fit();
  }).observe(host);
  let isTyped = false;
  terminal.attachCustomKeyEventHandler((event) => {
    // Tab is the guest's; back, with Shift, is the way out for who has no mouse (WCAG 2.1.2).
    if (isTyped) return !(event.key === "Tab" && event.shiftKey);
    const pages = { PageUp: -1, PageDown: 1 }[event.key];
    if (pages !== undefined && event.type === "keydown") terminal.scrollPages(pages);
    return false;
  });
  const written = writerOf(terminal);
  const goTo = (row: number): void => {
    const line = written.lineAt(row);
    // All of it is on the screen, and its end is about to be.
    if (line !== undefined) store.dispatch({ type: "wentToPrinted", offset: line.end - 1 });
  };
  terminal.registerLinkProvider({
    provideLinks(row, give) {
      const text = terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? "";
      if (text === "" || written.lineAt(row - 1) === undefined) {
        give(undefined);
        return;
      }
      const range = { start: { x: 1, y: row }, end: { x: text.length, y: row } };
      give([{ range, text, activate: () => goTo(row - 1) }]);
    },
  });
  // What the guest calls a link leads where its line does, and nowhere outside.
  terminal.options.linkHandler = { activate: (_event, _text, { start }) => goTo(start.y - 1) };
  // A cursor says that something is heard there.
  const colour = (): void => {
    const theme = themeOf(paletteOf(store.state.scheme));
    terminal.options.theme = isTyped
      ? theme
      : { ...theme, cursor: theme.background ?? "", cursorAccent: theme.foreground ?? "" };
  };
  const encoder = new TextEncoder();
  terminal.onData((text) => {
    // A terminal answers what a guest asks of it: of what is written once more, it was answered then.
    if (written.isOfThePast() && text.startsWith(ESCAPE)) return;
    store.dispatch({ type: "typed", bytes: encoder.encode(text) });
  });
  return {
    show: written.show,
    canType(can) {
      isTyped = can;
      terminal.options.disableStdin = !can;
      colour();
      terminal.textarea?.setAttribute("aria-label", can ? TYPED : LOOKED_AT);
    },
    colour,
  };
}

function themeOf({ isDark, back: background, text: foreground }: Palette): NonNullable<Terminal["options"]["theme"]> {
  const ansi = isDark ? {} : { yellow: "#8a6100", brightYellow: "#8a6100", white: "#555e6b", brightWhite: "#1d232c" };
  return { background, foreground, cursor: foreground, selectionBackground: "#7f9fd080", ...ansi };
}
