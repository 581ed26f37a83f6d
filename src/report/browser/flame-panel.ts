import { agentFills } from '../colours.js';
import { flameTree, largestChanges } from '../flame-tree.js';
import { sumOf } from '../flame-data.js';
import { type Weight } from '../model.js';
import { type FlamePageData } from '../page-data.js';
import { visible } from '../text.js';
import { formatChange, formatWeight, weightNames } from '../weight.js';
import { element, find } from './dom.js';
import { drawFlameChart, type FlameChart } from './flame-chart.js';

/** Brings a flame panel of the page to life: draws what its switches say, and again when they change. */
export function startFlamePanel(panel: HTMLElement, page: FlamePageData): void {
  const fill = agentFills(page.agents);
  const host = find<HTMLElement>(panel, '.chart');
  const status = find<HTMLElement>(panel, '.status');
  const reset = find<HTMLButtonElement>(panel, '.reset');
  const search = find<HTMLInputElement>(panel, 'input[type=search]');
  const compareBox = panel.querySelector<HTMLInputElement>('input[name=compare]');
  let chart: FlameChart | undefined;
  let resting = '';

  const draw = () => {
    const weight = checked(panel, 'weight') as Weight;
    const data = checked(panel, 'frames') === 'agent' ? page.flames.agent : (page.flames.span ?? page.flames.agent);
    const compare = compareBox?.checked ?? false;
    chart?.destroy();
    chart = undefined;
    panel.classList.toggle('comparing', compare);
    if (data === undefined) return;
    const tree = flameTree(data, weight, compare);
    const { label, explanation } = weightNames[weight];
    const before = compare
      ? `, ${formatChange(tree.value - sumOf(data.before[weight]), weight)} against the window before`
      : '';
    resting = `${label}: ${formatWeight(tree.value, weight)}${before} — ${explanation}. Width shows the share.`;
    status.textContent = resting;
    reset.disabled = true;
    find(panel, '.notes').replaceChildren(...data.notes.map((note) => element('li', '', note)));
    find(panel, '.changes').replaceChildren(...(compare ? changesTable(largestChanges(data, weight, 10), weight) : []));
    if (tree.value <= 0) {
      const nothing = weight === 'errors' ? 'No errors in this window.' : 'Nothing to draw in this window.';
      host.replaceChildren(element('p', 'empty', nothing));
      return;
    }
    chart = drawFlameChart(host, {
      tree,
      weight,
      compare,
      fill,
      describe: (text) => (status.textContent = text ?? resting),
      zoomed: (inside) => (reset.disabled = !inside),
    });
    mark();
  };

  const mark = () => {
    const term = search.value.trim();
    const result = chart?.search(term);
    if (result === undefined || term === '') return;
    const frames = `${result.frames} ${result.frames === 1 ? 'frame matches' : 'frames match'} “${term}”`;
    status.textContent = `${frames}, ${(100 * result.share).toFixed(1)}% of all`;
  };

  for (const input of panel.querySelectorAll('input[type=radio], input[type=checkbox]'))
    input.addEventListener('change', draw);
  let typing = 0;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = window.setTimeout(mark, 120);
  });
  reset.addEventListener('click', () => chart?.resetZoom());
  draw();
}

function checked(panel: HTMLElement, name: string): string {
  return panel.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)?.value ?? '';
}

function changesTable(changes: ReturnType<typeof largestChanges>, weight: Weight): Node[] {
  if (changes.length === 0) return [element('p', 'empty', 'Nothing changed against the window before.')];
  const head = element('tr');
  for (const title of ['Frame', 'Before', 'Now', 'Change'])
    head.append(element('th', title === 'Frame' ? '' : 'n', title));
  const body = element('tbody');
  for (const { name, before, after } of changes) {
    const change = formatChange(after - before, weight);
    body.append(
      element(
        'tr',
        '',
        element('td', 'frame-name', element('bdi', '', visible(name))),
        element('td', 'n', formatWeight(before, weight)),
        element('td', 'n', formatWeight(after, weight)),
        element('td', `n ${after > before ? 'grew' : 'shrank'}`, change),
      ),
    );
  }
  const table = element('div', 'scroll', element('table', '', element('thead', '', head), body));
  return [element('h3', '', 'Largest changes, in the frames themselves'), table];
}
