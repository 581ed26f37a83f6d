import { type Trace, type TraceSpan } from './model.js';
import { type PageTrace } from './page-data.js';
import { cut, formatCount, plural } from './text.js';
import { traceRows } from './trace-rows.js';

/** Bounds of a trace inside a page. */
export interface PageTraceLimits {
  /** @default 5000 */
  maxSpans?: number;
  /** Characters of a name or value. @default 4000 */
  maxText?: number;
  /** Attributes, events and links of one span. @default 100 */
  maxItems?: number;
}

/** Cuts a trace to what a page can carry; every cut is named. Of too many spans the first are kept, parents before children. */
export function pageTrace(trace: Trace, limits: PageTraceLimits = {}): PageTrace {
  const { maxSpans = 5_000, maxText = 4_000, maxItems = 100 } = limits;
  const notes: string[] = [];
  let spans = trace.spans;
  if (spans.length > maxSpans) {
    spans = traceRows(trace)
      .slice(0, maxSpans)
      .map((row) => row.span);
    const all = plural(trace.spans.length, 'span');
    notes.push(
      `This page holds ${formatCount(maxSpans)} of the trace’s ${all}. For all of them: spanbus trace ${trace.traceId}`,
    );
  }
  let shortened = 0;
  const limited = <T>(items: readonly T[]): T[] => {
    if (items.length > maxItems) shortened++;
    return items.slice(0, maxItems);
  };
  const text = (value: string) => cut(value, maxText);
  const texts = (values: Record<string, string>) =>
    Object.fromEntries(limited(Object.entries(values)).map(([key, value]) => [text(key), text(value)]));
  const cutSpan = (span: TraceSpan): TraceSpan => ({
    ...span,
    name: text(span.name),
    agent: text(span.agent),
    service: text(span.service),
    statusMessage: text(span.statusMessage),
    attributes: texts(span.attributes),
    events: limited(span.events).map((event) => ({
      ...event,
      name: text(event.name),
      attributes: texts(event.attributes),
    })),
    links: limited(span.links),
  });
  const cutSpans = spans.map(cutSpan);
  if (shortened > 0)
    notes.push(`Where a span has more than ${maxItems} attributes, events or links, the first ${maxItems} are here.`);
  return { trace: { ...trace, spans: cutSpans }, notes };
}
