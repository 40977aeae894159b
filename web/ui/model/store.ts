/** One state, one way for it to change: an action is reduced, and views draw what changed of it, once a frame. */
export interface Store<State, Action> {
  readonly state: State;
  readonly dispatch: (action: Action) => void;
  /** Draws now, and in the frame after what is selected became another value. */
  readonly view: <Selected>(
    select: (state: State) => Selected,
    draw: (selected: Selected, state: State) => void,
  ) => void;
  /** Hears of each action, after it was reduced. */
  readonly listen: (listener: (action: Action, state: State, before: State) => void) => void;
}

export interface StoreOptions<State, Action> {
  readonly initial: State;
  readonly reduce: (state: State, action: Action) => State;
  /** Calls back before the next frame is drawn. */
  readonly frame: (callback: () => void) => void;
}

export function createStore<State, Action>(options: StoreOptions<State, Action>): Store<State, Action> {
  const { reduce, frame } = options;
  let state = options.initial;
  let isAsked = false;
  const views: (() => void)[] = [];
  const listeners: ((action: Action, state: State, before: State) => void)[] = [];
  const draw = (): void => {
    isAsked = false;
    for (const view of views) view();
  };
  return {
    get state() {
      return state;
    },
    dispatch(action) {
      const before = state;
      state = reduce(before, action);
      if (state !== before && !isAsked) {
        isAsked = true;
        frame(draw);
      }
      for (const listener of listeners) listener(action, state, before);
    },
    view(select, drawSelected) {
      let last = select(state);
      drawSelected(last, state);
      views.push(() => {
        const selected = select(state);
        if (isSame(selected, last)) return;
        last = selected;
        drawSelected(selected, state);
      });
    },
    listen: (listener) => listeners.push(listener),
  };
}

/** A tuple of selections is the same where its members are. */
function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return Object.is(one, other);
  return one.length === other.length && one.every((member, index) => Object.is(member, other[index]));
}
