import { type Session } from '../clickhouse/client.js';
import { stageTrees } from '../jobs/stage.js';
import { type Trace, type TraceSpan } from '../report/model.js';
import { selectTraces } from './exact.js';

/** One trace with the agent of each span, straight from the spans; undefined when there is none with this id. */
export async function readTrace(session: Session, traceId: string): Promise<Trace | undefined> {
  const found = await selectTraces(session, { trace: traceId });
  if (found === 0) return undefined;
  await stageTrees(session, new Set());
  const rows = await session.select<TraceSpan & { traceStart: string; missingParent: unknown }>('queries/trace', {
    trace: traceId,
  });
  const spans = rows.map(({ traceStart: _, ...span }) => ({ ...span, missingParent: Boolean(span.missingParent) }));
  return { traceId, startTime: rows[0]?.traceStart ?? '', spans };
}
