import flamegraph, { type FlameGraph, type Frame } from 'd3-flame-graph';
import { select } from 'd3-selection';
import { agentOfFrame, frameLabel } from '../colours.js';
import { type FlameTree } from '../flame-tree.js';
import { type Weight } from '../model.js';
import { visible } from '../text.js';
import { formatChange, formatWeight } from '../weight.js';
import { element } from './dom.js';
import { frameKeys } from './frame-keys.js';

/** What is drawn, and where words about it go. */
export interface FlameChartOptions {
  tree: FlameTree;
  weight: Weight;
  /** Colour by change instead of by agent. */
  compare: boolean;
  fill: (agent: string) => string;
  /** Called with what a reader points at, or null when at nothing. */
  describe: (text: string | null) => void;
  /** Called after a zoom; true when it shows less than everything. */
  zoomed: (inside: boolean) => void;
}

/** A drawn flame graph. */
export interface FlameChart {
  /** Marks the frames whose name contains `term`; returns how many, and their share of everything. */
  search(term: string): { frames: number; share: number };
  resetZoom(): void;
  destroy(): void;
}

const rowHeight = 20;

/** Draws a flame graph, root on top, into `host`, as wide as that is; it follows when the width changes. */
export function drawFlameChart(host: HTMLElement, options: FlameChartOptions): FlameChart {
  const { tree, weight, compare } = options;
  const describe = (frame: Frame) => describeFrame(frame, tree.value, weight, compare);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let found: Frame[] = [];
  const chart = flamegraph()
    .width(host.clientWidth)
    .cellHeight(rowHeight)
    .minFrameSize(1)
    .transitionDuration(still ? 0 : 200)
    .inverted(true)
    .computeDelta(compare)
    .resetHeightOnZoom(true)
    .getName((frame) => visible(frameLabel(frame.data.name, frame.parent?.data.name ?? '')))
    .tooltip(tip(describe))
    .setDetailsHandler((text) => {
      if (text === null) options.describe(null);
    })
    .setColorMapper((frame) => {
      if (frame.highlight) return 'var(--hit)';
      return compare ? changeFill(frame) : options.fill(agentOfFrame(frame.data.name));
    })
    .setSearchMatch((frame, term) => frame.data.name.toLowerCase().includes(term))
    .setSearchHandler((results) => (found = results));

  host.replaceChildren();
  select(host).datum(tree).call(chart);
  const keys = frameKeys(host, chart, (frame) => options.describe(describe(frame)));
  chart.onClick((frame) => {
    keys.moveTo(frame);
    options.zoomed(frame.depth > 0);
  });
  const resize = followWidth(host, chart);

  return {
    search(term) {
      if (term === '') {
        chart.clear();
        return { frames: 0, share: 0 };
      }
      chart.search(term.toLowerCase());
      const outermost = found.filter((frame) => !hasMarkedAncestor(frame));
      const sum = outermost.reduce((total, frame) => total + frame.data.value, 0);
      return { frames: found.length, share: tree.value > 0 ? sum / tree.value : 0 };
    },
    resetZoom: () => chart.resetZoom(),
    destroy() {
      resize.disconnect();
      keys.stop();
      chart.destroy();
      host.replaceChildren();
    },
  };
}

function describeFrame({ data, delta }: Frame, total: number, weight: Weight, compare: boolean): string {
  const share = total > 0 ? (100 * data.value) / total : 0;
  const parts = [`${formatWeight(data.value, weight)}, ${share.toFixed(share < 10 ? 1 : 0)}% of all`];
  if (data.self !== data.value && data.self > 0) parts.push(`${formatWeight(data.self, weight)} in itself`);
  if (compare) parts.push(`${formatChange(delta ?? 0, weight)} against the window before`);
  return `${visible(data.name)} — ${parts.join('; ')}`;
}

/** From "shrank" over "unchanged" to "grew", by the change's share of the larger of the two values. */
function changeFill(frame: Frame): string {
  const delta = frame.delta ?? 0;
  const larger = Math.max(frame.data.value, frame.data.value - delta);
  const share = larger > 0 ? Math.min(1, Math.abs(delta) / larger) : 0;
  const strength = share < 0.01 ? 0 : Math.round(20 + 80 * share);
  return `color-mix(in srgb, var(--${delta > 0 ? 'worse' : 'better'}) ${strength}%, var(--same))`;
}

function hasMarkedAncestor(frame: Frame): boolean {
  for (let at = frame.parent; at !== null; at = at.parent) if (at.highlight) return true;
  return false;
}

function followWidth(host: HTMLElement, chart: FlameGraph): ResizeObserver {
  let width = host.clientWidth;
  const observer = new ResizeObserver(() => {
    if (host.clientWidth === width || host.clientWidth === 0) return;
    width = host.clientWidth;
    chart.width(width).update();
  });
  observer.observe(host);
  return observer;
}

/** A box beside the pointer, which d3-flame-graph shows and hides. */
function tip(describe: (frame: Frame) => string) {
  const box = element('div', 'tip');
  box.hidden = true;
  return Object.assign(() => void document.body.append(box), {
    show(event: MouseEvent, frame: Frame) {
      box.textContent = describe(frame);
      box.hidden = false;
      const { width, height } = box.getBoundingClientRect();
      const below = event.clientY + 18;
      box.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - width - 8))}px`;
      box.style.top = `${below + height > innerHeight ? event.clientY - height - 12 : below}px`;
    },
    hide: () => (box.hidden = true),
    destroy: () => box.remove(),
  });
}
