import { browserScript } from './browser-script.js';
import { markup } from './markup.js';
import { type Trace } from './model.js';
import { renderPage } from './page.js';
import { type TracePageData } from './page-data.js';
import { pageTrace } from './page-trace.js';
import { visible } from './text.js';

/** One trace as a page: a waterfall whose rows open to attributes, events and links. */
export function traceHtml(trace: Trace): string {
  const title = `Trace ${visible(trace.traceId)}`;
  const data: TracePageData = {
    trace: pageTrace(trace, { maxSpans: 20_000 }),
    agents: [...new Set(trace.spans.map((span) => span.agent))].sort(),
  };
  const drawing =
    trace.spans.length === 0
      ? markup`<p class="empty">No spans of this trace are stored.</p>`
      : markup`<div id="trace"><noscript>The trace is drawn by a script in this file, and scripts are off.</noscript></div>`;
  const body = markup`<main><header class="top"><h1>${title}</h1></header><section class="card">${drawing}</section></main>`;
  if (trace.spans.length === 0) return renderPage({ title, body });
  return renderPage({ title, body, script: browserScript('trace'), data });
}
