import { browserScript } from './browser-script.js';
import { agentOfFrame } from './colours.js';
import { packStacks } from './flame-data.js';
import { flamePanel } from './flame-panel.js';
import { markup } from './markup.js';
import { type Stack, type Weight } from './model.js';
import { renderPage } from './page.js';
import { type FlamePageData } from './page-data.js';
import { visible } from './text.js';
import { weightNames } from './weight.js';

/** Options of {@link flameHtml}. */
export interface FlameHtmlOptions {
  weight: Weight;
  title?: string;
  /** The window to compare with: the page opens with colours by change. */
  before?: readonly Stack[];
}

/** A flame graph as one interactive page: zoom, search, tooltips, keyboard. */
export function flameHtml(stacks: readonly Stack[], options: FlameHtmlOptions): string {
  const { weight, before } = options;
  const title = options.title ?? `Flame graph: ${weightNames[weight].label}`;
  const flame = packStacks({ [weight]: stacks }, before ? { [weight]: before } : {});
  const data: FlamePageData = { flames: { span: flame }, agents: agentsOfNames(flame.names) };
  const comparable = before !== undefined;
  const panel = flamePanel({ weights: [weight], frames: ['span'], comparable, comparing: comparable });
  const body = markup`<main><header class="top"><h1>${visible(title)}</h1></header><section class="card">${panel}</section></main>`;
  return renderPage({ title, body, script: browserScript('flame'), data });
}

/** The agents that frames belong to, sorted, so that a colour does not depend on the order of the data. */
export function agentsOfNames(names: readonly string[]): string[] {
  return [...new Set(names.map(agentOfFrame))].sort();
}
