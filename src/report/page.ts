import { createHash } from 'node:crypto';
import { type Markup, markup, trusted } from './markup.js';
import { pageCss } from './style.js';

/** A page that needs nothing but itself. */
export interface Page {
  title: string;
  body: Markup;
  /** A bundle from dist/browser; without it no script can run at all. */
  script?: string;
  /** What the script reads from the element `data`. */
  data?: unknown;
}

/**
 * One self-contained HTML file. Its policy lets nothing be fetched and only the one script run, by its hash,
 * so markup that came in with a span's name could not do anything even if the escaping failed.
 */
export function renderPage({ title, body, script, data }: Page): string {
  const hash = script === undefined ? "'none'" : `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hash}; img-src data:; base-uri 'none'; form-action 'none'`;
  const dataElement =
    data === undefined
      ? trusted('')
      : markup`<script type="application/json" id="data">${trusted(jsonForPage(data))}</script>`;
  const scriptElement = script === undefined ? trusted('') : trusted(`<script>${script}</script>`);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(pageCss)}</style>
</head>
<body>
${body}
${dataElement}
${scriptElement}
</body>
</html>
`.markup;
}

/** JSON that cannot end or open an element, whatever strings are in it. */
export function jsonForPage(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
