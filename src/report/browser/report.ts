import { agentFills } from '../colours.js';
import { type ReportPageData } from '../page-data.js';
import { visible } from '../text.js';
import { find, pageData } from './dom.js';
import { startFlamePanel } from './flame-panel.js';
import { waterfall } from './waterfall.js';

const page = pageData<ReportPageData>();
const fill = agentFills(page.agents);
const traces = new Map(page.traces.map((entry) => [entry.trace.traceId, entry]));
const dialog = find<HTMLDialogElement>(document, '#trace-view');

const panel = document.querySelector<HTMLElement>('.flame');
if (panel) startFlamePanel(panel, page);

/** The open trace stands in the address, so that Back closes it and a link opens it. */
function showTraceOfAddress(): void {
  const match = /^#trace=(.*)$/.exec(location.hash);
  const entry = match && traces.get(decode(match[1] ?? ''));
  if (!entry) {
    if (dialog.open) dialog.close();
    return;
  }
  find(dialog, 'h2').textContent = `Trace ${visible(entry.trace.traceId)}`;
  find(dialog, '.content').replaceChildren(waterfall(entry, fill));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-trace]')) {
  button.addEventListener('click', () => {
    location.hash = `trace=${encodeURIComponent(button.dataset['trace'] ?? '')}`;
  });
}
find(dialog, 'button.close').addEventListener('click', () => dialog.close());
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener('close', () => {
  if (location.hash.startsWith('#trace=')) location.hash = '';
});
addEventListener('hashchange', showTraceOfAddress);
showTraceOfAddress();
