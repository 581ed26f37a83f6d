/** A piece of HTML or SVG that is safe to put into a page: made by {@link markup} only. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | readonly Markup[] | string | number;

/** Template tag for HTML and SVG: every value put in is escaped, for text and for quoted attributes, unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  let text = strings[0] ?? '';
  parts.forEach((part, i) => {
    text += render(part) + (strings[i + 1] ?? '');
  });
  return { markup: text };
}

/** Declares a text to be markup already. Never for anything that came with the data. */
export function trusted(text: string): Markup {
  return { markup: text };
}

/** Escapes what HTML and XML treat specially, and replaces what XML does not allow at all. */
export function escapeMarkup(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return (
    text
      .replace(/[&<>"']/g, (character) => entities[character] ?? '')
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
  );
}

function render(part: Part): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeMarkup(part);
  if ('markup' in part) return part.markup;
  return part.map((piece) => piece.markup).join('');
}
