/** Wheel, fingers and mouse on the timeline, as windows and moments. */
import type { Store } from "../model/store.js";
import type { Action } from "../model/actions.js";
import { icountAt, moved, spanOf, zoomed, type Window } from "../model/scale.js";
import { lengthOf, type State } from "../model/state.js";

/** Pixels; a press that moves less is a click. */
const DRAG = 4;
const WHEEL_ZOOM = 0.0022;
/** A pinch on a touchpad comes as a wheel with Ctrl, in small steps. */
const PINCH_ZOOM = 0.012;
const LINE_PIXELS = 16;

export interface Gestures {
  readonly click: (x: number, y: number) => void;
  readonly hover: (x: number | undefined, y: number) => void;
  /** Whether there the whole run is shown: a drag brings its place into view. */
  readonly isOverview: (y: number) => boolean;
}

export function connectGestures(canvas: HTMLCanvasElement, store: Store<State, Action>, gestures: Gestures): void {
  const width = (): number => canvas.clientWidth;
  const move = (window: Window): void => store.dispatch({ type: "windowMoved", window });
  const zoomAt = (factor: number, x: number): void => {
    const { window } = store.state;
    move(zoomed(window, factor, icountAt(x, window, width()), lengthOf(store.state)));
  };
  const shift = (pixels: number, { state } = store): void =>
    move(moved(state.window, (pixels / width()) * spanOf(state.window), lengthOf(state)));
  canvas.addEventListener(
    "wheel",
    (event) => {
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
      const [across, along] = [event.deltaX * pixels, event.deltaY * pixels];
      event.preventDefault();
      if (event.shiftKey || Math.abs(across) > Math.abs(along)) shift(event.shiftKey && across === 0 ? along : across);
      else zoomAt(Math.exp(along * (event.ctrlKey ? PINCH_ZOOM : WHEEL_ZOOM)), event.offsetX);
    },
    { passive: false },
  );
  const fingers = new Map<number, { x: number; y: number }>();
  let isDrag = false;
  let start = { x: 0, y: 0 };
  const centre = (x: number): void => {
    const { state } = store;
    const at = (x / Math.max(1, width())) * lengthOf(state);
    move(moved(state.window, at - (state.window.from + state.window.until) / 2, lengthOf(state)));
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (fingers.size > 1) isDrag = true;
    else [isDrag, start] = [false, { x: event.offsetX, y: event.offsetY }];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = [event.offsetX, event.offsetY];
    const before = fingers.get(event.pointerId);
    if (before === undefined) {
      gestures.hover(x, y);
      return;
    }
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, { x, y });
    if (other !== undefined) {
      const [was, is] = [Math.abs(before.x - other.x), Math.abs(x - other.x)];
      if (was > 0 && is > 0) zoomAt(was / is, (x + other.x) / 2);
      return undefined;
    }
    if (!isDrag && Math.hypot(x - start.x, y - start.y) < DRAG) return undefined;
    isDrag = true;
    canvas.classList.add("dragging");
    if (gestures.isOverview(start.y)) centre(x);
    else shift(before.x - x);
    gestures.hover(undefined, y);
    return;
  });
  const release = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    canvas.classList.remove("dragging");
    if (event.type === "pointerup" && !isDrag && fingers.size === 0) gestures.click(event.offsetX, event.offsetY);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => gestures.hover(undefined, 0));
  canvas.addEventListener("dblclick", (event) => zoomAt(1 / 4, event.offsetX));
}
