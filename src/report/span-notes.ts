import { type TraceSpan } from './model.js';
import { cut, plural, visible } from './text.js';
import { errorMessage } from './trace-error.js';

/** A line under a span. */
export interface SpanNote {
  /** What kind of note it is: links and counts are of less weight than the rest. */
  kind: 'error' | 'warning' | 'event' | 'aside';
  text: string;
}

const MAX_DRAWN = 10;
const MAX_LENGTH = 160;

const show = (text: string): string => cut(visible(text), MAX_LENGTH);

/** What is known of a span from its start on: how it failed, and what it hangs from. */
export function spanFacts(span: TraceSpan): SpanNote[] {
  const notes: SpanNote[] = [];
  if (span.missingParent) {
    notes.push({ kind: 'warning', text: `parent ${show(span.parentSpanId)} is missing from this trace` });
  }
  if (span.status === 'Error') notes.push({ kind: 'error', text: `ERROR ${show(errorMessage(span))}` });
  for (const link of span.links.slice(0, MAX_DRAWN)) {
    notes.push({ kind: 'aside', text: `linked to trace ${show(link.traceId)}, span ${show(link.spanId)}` });
  }
  return notes;
}

/** What a span noted on its way, by time: plans, reasoning, whatever else happened. Exceptions are its error. */
export class SpanEvents {
  private readonly events: TraceSpan['events'];
  private next = 0;

  constructor(span: TraceSpan) {
    this.events = span.events.filter(({ name }) => name !== 'exception').sort((a, b) => a.atNs - b.atNs);
  }

  /** Those that were not taken yet and came before a time; without one, all. */
  take(beforeNs = Infinity): SpanNote[] {
    const notes: SpanNote[] = [];
    while (this.next < this.events.length && this.events[this.next]!.atNs < beforeNs) {
      const event = this.events[this.next++]!;
      if (this.next <= MAX_DRAWN) notes.push({ kind: 'event', text: `» ${eventText(event)}` });
    }
    const more = this.events.length - MAX_DRAWN;
    if (beforeNs === Infinity && more > 0) notes.push({ kind: 'aside', text: `and ${plural(more, 'more event')}` });
    return notes;
  }
}

function eventText({ name, attributes }: TraceSpan['events'][number]): string {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return show(name);
  // one attribute says what the event is about
  const values = entries.map(([key, value]) =>
    entries.length === 1 ? listText(value) : `${key.slice(key.lastIndexOf('.') + 1)}: ${listText(value)}`,
  );
  return show(`${name}: ${values.join(', ')}`);
}

/** A list of texts as a reader writes one; anything else as it is. */
function listText(value: string): string {
  if (!value.startsWith('["')) return value;
  try {
    return (JSON.parse(value) as string[]).join(' · ');
  } catch {
    return value;
  }
}
