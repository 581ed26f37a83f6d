import { type Command } from 'commander';
import { type Stack, type Weight } from '../../report/model.js';
import { readStacks } from '../../views/read.js';
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

/** The formats of flame graphs, each a function from stacks to text. */
const formats: Record<string, (stacks: Stack[], weight: Weight) => string> = {
  folded: formatFolded,
  json: (stacks) => JSON.stringify(stacks, null, 2),
};

interface FlameFlags extends ConnectionFlags, WindowFlags {
  weight: Weight;
  frames: 'span' | 'agent';
  format: string;
  agent?: string;
  trace?: string;
  exact?: boolean;
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
    .option('--exact', 'compute a window that is not whole hours straight from the spans')
    .action(async (flags: FlameFlags) => {
      const { weight, frames, agent, format, output } = flags;
      const window = windowOf(flags);
      const stacks = await withSession(flags, async (session) => {
        const hours = await prepareViews(session, [weight === 'critical' ? 'critical' : 'stacks'], window, flags);
        return readStacks(session, hours, { weight, frames, agent });
      });
      await writeData(formats[format]?.(stacks, weight) ?? '', output);
    });
}

/**
 * Stacks as folded lines, `frame;frame value`: times in whole microseconds, all else whole. Within a frame `;` becomes `_` and a line
 * break a space; stacks that are then alike are one line. https://github.com/brendangregg/FlameGraph
 */
export function formatFolded(stacks: readonly Stack[], weight: Weight): string {
  const unit = weight === 'self' || weight === 'critical' ? 1000 : 1;
  const lines = new Map<string, number>();
  for (const { frames, value } of stacks) {
    const line = frames.map((frame) => frame.replace(/;/g, '_').replace(/\r\n|[\r\n\u2028\u2029]/g, ' ')).join(';');
    lines.set(line, (lines.get(line) ?? 0) + value);
  }
  return [...lines].map(([line, value]) => `${line} ${Math.round(value / unit)}\n`).join('');
}
