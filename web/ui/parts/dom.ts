/** Elements from plain calls. A string becomes a text node, so that what a guest printed is never HTML. */
export type Child = Node | string | number | false | undefined;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | ((event: never) => void);
}

/** `on…` are listeners, `true` is an attribute without a value, `false` and undefined leave it out. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Puts these in the place of what is there. Who had the focus keeps it, where its `data-key` is still there. */
export function fill(parent: HTMLElement, ...children: readonly Child[]): void {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && parent.contains(focused) ? focused.dataset["key"] : undefined;
  // Where it is scrolled to stays: nothing is laid out in between. To read it would lay out all of the page each time.
  parent.replaceChildren(...nodes(children));
  if (key !== undefined)
    parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

export interface ButtonOptions {
  /** What is seen. Default: the name. */
  readonly label?: Child;
  /** That presses it, too. */
  readonly key?: string;
  readonly class?: string;
  readonly "aria-pressed"?: string;
  readonly "aria-expanded"?: string;
  readonly "data-key"?: string;
}

/** A button with a name for all, and a key for those who have one. */
export const button = (
  name: string,
  press: () => void,
  { label, key, ...rest }: ButtonOptions = {},
): HTMLButtonElement =>
  h(
    "button",
    {
      type: "button",
      title: key === undefined ? name : `${name} (${key})`,
      "aria-label": nameWith(name, label),
      "data-key": name,
      ...rest,
      onclick: press,
    },
    label ?? name,
  );

function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) =>
    child === undefined || child === false ? [] : [child instanceof Node ? child : String(child)],
  );
}

/** Who speaks to a page says what he sees: the name has that in it (WCAG 2.5.3). Signs are not spoken. */
function nameWith(name: string, label: Child): string {
  if (typeof label !== "string" || !/\p{L}/u.test(label)) return name;
  return name.toLowerCase().includes(label.toLowerCase()) ? name : `${label}: ${name}`;
}
