import { type Session } from '../clickhouse/client.js';
import { reportPage, type Flames } from '../report/index.js';
import { type Trace, type TraceSummary, type Weight } from '../report/model.js';
import { readCallGraph, readStacks, readTraces } from './read.js';
import { readTrace } from './trace.js';
import { type Window } from './window.js';

const WEIGHTS: readonly Weight[] = ['self', 'critical', 'tokens', 'errors', 'calls'];
const LISTED = 15;

async function readFlames(session: Session, window: Window): Promise<Flames> {
  const flames: Flames = {};
  for (const weight of WEIGHTS) {
    const spans = await readStacks(session, window, { weight, frames: 'span' });
    const agents = await readStacks(session, window, { weight, frames: 'agent' });
    if (spans.length > 0) flames[weight] = { spans, agents };
  }
  return flames;
}

async function readListed(session: Session, lists: TraceSummary[][]): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (const id of new Set(lists.flat().map((summary) => summary.traceId))) {
    const trace = await readTrace(session, id);
    if (trace) traces.push(trace);
  }
  return traces;
}

/** The report on whole hours, with the window of the same length before it to compare with: one self-contained HTML page. */
export async function renderReport(session: Session, window: Window, title: string): Promise<string> {
  const before = { from: window.from - (window.to - window.from), to: window.from };
  const slowest = await readTraces(session, window, { slowest: true, limit: LISTED });
  const failed = await readTraces(session, window, { errors: true, limit: LISTED });
  const flamesBefore = await readFlames(session, before);
  return reportPage({
    title,
    window: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() },
    graph: await readCallGraph(session, window),
    flames: await readFlames(session, window),
    ...(Object.keys(flamesBefore).length > 0 && { before: flamesBefore }),
    slowest,
    failed,
    traces: await readListed(session, [slowest, failed]),
  });
}
