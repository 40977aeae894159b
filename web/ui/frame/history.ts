/** The page's address follows the state, and the state follows it where somebody goes back or opens a link. */
import type { Action } from "../model/actions.js";
import { addressOf, hashOf, type Address } from "../model/address.js";
import { cursorOf, lengthOf, type State } from "../model/state.js";
import type { Store } from "../model/store.js";

/** Browsers refuse more than some 100 changes in 30 seconds. */
const STILL_MS = 350;

export function connectHistory(store: Store<State, Action>): void {
  let written = location.hash.slice(1);
  let wasAt = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    const hash = hashOf(addressIn(store.state));
    const { at, recording } = addressOf(hash);
    const isAt = JSON.stringify([at, recording]);
    if (wasAt === "") wasAt = isAt;
    if (hash === written) return;
    // Another moment is another page to go back to; another view of it is not.
    if (isAt !== wasAt) history.pushState(undefined, "", `#${hash}`);
    else history.replaceState(undefined, "", `#${hash}`);
    [written, wasAt] = [hash, isAt];
  };
  store.view(
    ({ moment, window, axis, active, tab, memory, hart, frame }) =>
      [moment, window, axis, active, tab, memory, hart, frame] as const,
    ([moment]) => {
      if (moment === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(write, STILL_MS);
    },
  );
  addEventListener("popstate", () => {
    clearTimeout(timer);
    written = location.hash.slice(1);
    const address = addressOf(location.hash);
    wasAt = JSON.stringify([address.at, address.recording]);
    store.dispatch({ type: "addressRead", address });
  });
}

/** Where the page is, for somebody else: also where it goes on with a machine. */
export const linkTo = (state: State): string =>
  `${location.href.replace(/#.*/, "")}#${hashOf({ ...addressIn(state), at: cursorOf(state) })}`;

function addressIn(state: State): Omit<Address, "unknown"> {
  const { window, axis, active, tab, memory, hart, frame } = state;
  const isWhole = window.from <= 0 && window.until >= lengthOf(state);
  return {
    at: state.isFollowing ? undefined : cursorOf(state),
    window: isWhole ? undefined : window,
    axis,
    recording: active,
    tab: tab === "registers" ? undefined : tab,
    memory,
    hart,
    frame,
  };
}
