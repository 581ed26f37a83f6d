type Content = Node | string;

/** Makes an element. Strings become text nodes: nothing that comes with the data is ever read as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...content: Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}

/** The data that the page carries. */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById('data')?.textContent ?? 'null') as T;
}

/** The first match inside `root`, which the page is known to have. */
export function find<T extends Element>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}
