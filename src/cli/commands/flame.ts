import { type Command } from 'commander';
import { type Stack, type Weight } from '../../report/model.js';
import { flameHtml, flameJson, flameSpeedscope, flameSvg, foldDiff, foldStacks } from '../../report/index.js';
import { readStacks } from '../../views/read.js';
import { type Window } from '../../views/window.js';
import { UsageError } from '../errors.js';
import {
  choice,
  windowOf,
  withConnection,
  withOutput,
  withWindow,
  type ConnectionFlags,
  type WindowFlags,
} from '../options.js';
import { writeData } from '../output.js';
import { prepareViews, withSession } from '../session.js';

const weights = ['self', 'critical', 'tokens', 'errors', 'calls'] as const satisfies readonly Weight[];

/** The formats of flame graphs, each a function from stacks, and those to compare with, to text. */
const formats: Record<string, (stacks: Stack[], weight: Weight, before?: Stack[]) => string> = {
  folded: (stacks, weight, before) => (before ? foldDiff(before, stacks, weight) : foldStacks(stacks, weight)),
  html: (stacks, weight, before) => flameHtml(stacks, { weight, ...(before && { before }) }),
  svg: (stacks, weight) => flameSvg(stacks, { weight }),
  speedscope: (stacks, weight) => flameSpeedscope({ [weight]: stacks }),
  json: (stacks) => flameJson(stacks),
};
const DIFF_FORMATS = ['folded', 'html'];

interface FlameFlags extends ConnectionFlags, WindowFlags {
  weight: Weight;
  frames: 'span' | 'agent';
  format: string;
  agent?: string;
  trace?: string;
  exact?: boolean;
  diffFrom?: string;
  diffTo?: string;
  output?: string;
}

/** `spanbus flame`: flame graphs out of the aggregates, of a window computed exactly, or of one trace. */
export function addFlame(program: Command): void {
  withOutput(withWindow(withConnection(program.command('flame'))))
    .description('a flame graph: where time, tokens, errors or calls are')
    .addOption(choice('--weight <weight>', 'what the widths mean', weights, 'self'))
    .addOption(choice('--frames <frames>', 'what a frame is', ['span', 'agent'], 'span'))
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'folded'))
    .option('--agent <agent>', 'only stacks through this agent')
    .option('--trace <id>', 'of one trace')
    .option('--diff-from <time>', 'compare with the window that starts here')
    .option('--diff-to <time>', 'and ends here')
    .option('--exact', 'compute a window that is not whole hours straight from the spans')
    .action(async (flags: FlameFlags) => {
      const { weight, frames, agent, format, output } = flags;
      const window = windowOf(flags);
      const earlier = diffWindow(flags);
      const job = weight === 'critical' ? 'critical' : 'stacks';
      const read = (wanted: Window) =>
        withSession(flags, async (session) => {
          const hours = await prepareViews(session, [job], wanted, flags);
          return readStacks(session, hours, { weight, frames, agent });
        });
      const stacks = await read(window);
      const before = earlier && (await read(earlier));
      await writeData(formats[format]!(stacks, weight, before), output);
    });
}

/** The window to compare with; undefined when none is asked for. */
function diffWindow({ diffFrom, diffTo, format }: FlameFlags): Window | undefined {
  if (diffFrom === undefined && diffTo === undefined) return undefined;
  if (diffFrom === undefined || diffTo === undefined) throw new UsageError('--diff-from and --diff-to go together');
  if (!DIFF_FORMATS.includes(format)) {
    throw new UsageError(`--format ${format} cannot show a difference; use ${DIFF_FORMATS.join(' or ')}`);
  }
  return windowOf({ from: diffFrom, to: diffTo });
}
