import { type Markup, markup } from './markup.js';
import { type Weight } from './model.js';
import { weightNames } from './weight.js';

/** What a reader of the panel may switch. One weight or one kind of frames: no switch for it. */
export interface FlamePanelChoices {
  weights: readonly Weight[];
  frames: readonly ('span' | 'agent')[];
  /** There is a window before to compare with. */
  comparable: boolean;
  /** Compare from the start. @default false */
  comparing?: boolean;
}

/** The empty flame graph panel, which the page's script fills. */
export function flamePanel({ weights, frames, comparable, comparing = false }: FlamePanelChoices): Markup {
  const compare = comparable
    ? markup`<label class="check"><input type="checkbox" name="compare"${comparing ? markup` checked` : []}> Compare with the window before</label>`
    : [];
  return markup`<div class="flame">
<div class="controls">
${choice(
  'weight',
  'Weight',
  weights.map((weight) => [weight, weightNames[weight].label]),
)}
${choice(
  'frames',
  'Frames',
  frames.map((kind) => [kind, kind === 'span' ? 'Spans' : 'Agents']),
)}
${compare}
<span class="tools"><input type="search" placeholder="Find frames" aria-label="Find frames"><button type="button" class="reset" disabled>Reset zoom</button></span>
</div>
<p class="status" role="status"></p>
<p class="legend"><i class="key better"></i>less <i class="key same"></i>unchanged <i class="key worse"></i>more than before</p>
<div class="chart" tabindex="0" role="group" aria-label="Flame graph. Arrow keys move between frames, Enter zooms, Escape shows everything."></div>
<noscript><p class="empty">The flame graph is drawn by a script in this file, and scripts are off.</p></noscript>
<ul class="notes"></ul>
<div class="changes"></div>
</div>`;
}

function choice(name: string, legend: string, options: [value: string, label: string][]): Markup {
  const radios = options.map(
    ([value, label], i) =>
      markup`<label><input type="radio" name="${name}" value="${value}"${i === 0 ? markup` checked` : []}><span>${label}</span></label>`,
  );
  const hidden = options.length < 2 ? markup` hidden` : [];
  return markup`<fieldset class="switch"${hidden}><legend>${legend}</legend>${radios}</fieldset>`;
}
