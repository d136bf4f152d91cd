// Builds page elements.
//
// Invariant: text from the server or a person only ever becomes a text node or an attribute
// value; no function here parses HTML.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | EventListener | undefined>;

/** Makes an element; `on…` properties are listeners, `true` an empty attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/** The element with this id; its absence is a mistake in the template. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page lacks #${id}`);
  return element;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => !!child));
}

export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

/** A button that cannot be pressed twice while its work runs. */
export function button(
  label: string,
  work: () => Promise<void> | void,
  props: Props = {},
): HTMLButtonElement {
  const element = h("button", { type: "button", ...props }, label);
  element.addEventListener("click", () => {
    element.disabled = true;
    void Promise.resolve(work()).finally(() => {
      element.disabled = false;
    });
  });
  return element;
}

/** Says something to a screen reader without moving the focus. */
export function announce(message: string): void {
  const region = document.getElementById("announcer");
  if (region) region.textContent = message;
}
