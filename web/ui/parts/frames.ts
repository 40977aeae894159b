/** When views are drawn: before the next frame, but never under a finger or a mouse that presses a button. */

/** A click is a press and a release of one element: a button that is drawn anew in between is never clicked. */
export function framesOf(root: HTMLElement): (draw: () => void) => void {
  let isPressed = false;
  let waiting: (() => void) | undefined;
  root.addEventListener("pointerdown", ({ target }) => {
    isPressed = target instanceof Element && target.closest("button, select") !== null;
  });
  const release = (): void => {
    isPressed = false;
    // The click comes behind the release.
    if (waiting !== undefined) requestAnimationFrame(waiting);
    waiting = undefined;
  };
  addEventListener("pointerup", release);
  addEventListener("pointercancel", release);
  return (draw) => {
    if (isPressed) waiting = draw;
    else requestAnimationFrame(draw);
  };
}
