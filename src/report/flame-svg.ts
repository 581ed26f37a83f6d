import { agentFills, agentOfFrame, frameLabel, paletteCss } from './colours.js';
import { packStacks } from './flame-data.js';
import { agentsOfNames } from './flame-html.js';
import { type FlameTree, flameTree } from './flame-tree.js';
import { markup, type Markup, trusted } from './markup.js';
import { type Stack, type Weight } from './model.js';
import { cut, fit, plural, visible } from './text.js';
import { formatWeight, weightNames } from './weight.js';

const rowHeight = 19;
const fontSize = 12;
const margin = 12;
const headHeight = 44;
/** Narrower frames cannot be seen. */
const minFrameWidth = 0.3;

/** A flame graph as one static SVG image, root on top; a frame's numbers are its tooltip. `width` in pixels. */
export function flameSvg(
  stacks: readonly Stack[],
  options: { weight: Weight; title?: string; width?: number },
): string {
  const { weight, width = 1200 } = options;
  const data = packStacks({ [weight]: stacks });
  const root = flameTree(data, weight);
  const fill = agentFills(agentsOfNames(data.names));
  const label = weightNames[weight];
  const title = options.title ?? `Flame graph: ${label.label}`;

  const frames: Markup[] = [];
  const hidden: FlameTree[] = [];
  let depths = 1;
  const perValue = root.value > 0 ? (width - 2 * margin) / root.value : 0;
  const open = root.value > 0 ? [{ frame: root, parent: root, x: margin, depth: 0 }] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { frame, parent, x, depth } = next;
    const frameWidth = frame.value * perValue;
    if (frameWidth < minFrameWidth) {
      hidden.push(frame);
      continue;
    }
    depths = Math.max(depths, depth + 1);
    frames.push(
      drawFrame(
        frame,
        frameLabel(frame.name, parent.name),
        x,
        headHeight + depth * rowHeight,
        frameWidth,
        fill,
        root.value,
        weight,
      ),
    );
    let childX = x;
    for (const child of frame.children) {
      open.push({ frame: child, parent: frame, x: childX, depth: depth + 1 });
      childX += child.value * perValue;
    }
  }

  const notes = [...data.notes];
  if (hidden.length > 0) notes.push(`Left out with all below: ${plural(hidden.length, 'frame')} too narrow to see.`);
  const height = headHeight + depths * rowHeight + 14 + notes.length * 18;
  const empty = weight === 'errors' ? 'No errors in this window.' : 'Nothing in this window.';
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="${fontSize}">
<style>${trusted(svgCss)}</style>
<rect class="page" width="100%" height="100%"/>
<text class="head" x="${margin}" y="26">${fit(visible(title), width * 0.6, 16)}</text>
<text class="ink" x="${width - margin}" y="26" text-anchor="end">${formatWeight(root.value, weight)}</text>
${root.value > 0 ? frames : markup`<text class="ink" x="${margin}" y="${headHeight + 14}">${empty}</text>`}
${notes.map((note, i) => markup`<text class="ink" x="${margin}" y="${headHeight + depths * rowHeight + 18 + i * 18}">${note}</text>`)}
</svg>
`.markup;
}

function drawFrame(
  frame: FlameTree,
  label: string,
  x: number,
  y: number,
  width: number,
  fill: (agent: string) => string,
  total: number,
  weight: Weight,
): Markup {
  const name = visible(frame.name);
  const share = ((100 * frame.value) / total).toFixed(1);
  const shown = width > 30 ? fit(visible(label), width - 8, fontSize) : '';
  const text = shown === '' ? [] : markup`<text class="ink" x="${round(x + 4)}" y="${y + 13}">${shown}</text>`;
  return markup`<g><title>${cut(name, 300)} — ${formatWeight(frame.value, weight)}, ${share}%</title><rect x="${round(x)}" y="${y}" width="${round(Math.max(0.2, width - 0.5))}" height="${rowHeight - 1}" rx="2" style="fill:${fill(agentOfFrame(frame.name))}"/>${text}</g>
`;
}

const svgCss = `:root{${paletteCss('light')};--agent-none:#dfe3e8;--page:#fff;--ink:#16202b}
@media (prefers-color-scheme:dark){:root{${paletteCss('dark')};--agent-none:#3a434e;--page:#12171d;--ink:#e8edf2}}
.page{fill:var(--page)}.ink,.head{fill:var(--ink)}.head{font-size:16px;font-weight:600}g:hover rect{opacity:.75}`;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
