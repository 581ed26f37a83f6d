/** Fills that text stays readable on, in light and in dark mode; an agent has the same one in every picture. */
const palette: readonly (readonly [light: string, dark: string])[] = [
  ['#9cc9f2', '#24588a'],
  ['#f5bd7d', '#85521c'],
  ['#a3d9a5', '#2c663b'],
  ['#c3b3f2', '#54449a'],
  ['#f0d567', '#6b5a12'],
  ['#8bd5cf', '#1d6560'],
  ['#eab0d0', '#803f66'],
  ['#c9d67c', '#56631b'],
  ['#dfc0a0', '#694f31'],
  ['#b0bfdd', '#455779'],
  ['#dcb0ee', '#6d3f86'],
  ['#f2b3a6', '#84443a'],
];

/** CSS custom properties `--agent-0` … for one colour scheme. */
export function paletteCss(scheme: 'light' | 'dark'): string {
  return palette.map((pair, i) => `--agent-${i}:${pair[scheme === 'light' ? 0 : 1]}`).join(';');
}

/** Where an agent that is none gets its colour from: the start of a run, or a caller nobody has seen. */
export function isPseudoAgent(agent: string): boolean {
  return agent === '(root)' || agent === '(missing parent)' || agent === '(smaller stacks)' || agent === 'all';
}

/** The agent of a frame: what stands before `: `, or all of it. */
export function agentOfFrame(frame: string): string {
  const end = frame.indexOf(': ');
  return end < 0 ? frame : frame.slice(0, end);
}

/** What is written on a frame: an agent that the frame above names already is not named again. */
export function frameLabel(frame: string, above: string): string {
  const agent = agentOfFrame(frame);
  return agent.length < frame.length && agent === agentOfFrame(above) ? frame.slice(agent.length + 2) : frame;
}

/** Gives each agent a fill, as a CSS value. Agents in the same order get the same fills. */
export function agentFills(agents: Iterable<string>): (agent: string) => string {
  const index = new Map<string, number>();
  for (const agent of agents) {
    if (!isPseudoAgent(agent) && !index.has(agent)) index.set(agent, index.size % palette.length);
  }
  return (agent) => {
    const at = index.get(agent);
    return at === undefined ? 'var(--agent-none)' : `var(--agent-${at})`;
  };
}
