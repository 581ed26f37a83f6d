import { SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { isShared } from '../trace/attributes.js';
import { UNSET } from '../trace/ended-span.js';
import type { SpanSummary } from '../trace/span-log.js';

/** Exact counts of spans that were never stored, of one name; all that is known of those named `(unread)` is their number. */
export interface UnstoredTotal {
  spanName: string;
  spanKind: SpanKind;
  destination: string;
  calls: number;
  errors: number;
  durationNs: number;
  inputTokens: number;
  outputTokens: number;
}

const MAX_NAMES = 2_000;
const OTHERS = '(others)';
const UNREAD = '(unread)';

/** A token count as the table takes it, whatever a span says: whole, not negative, and capped as in otel_traces. */
function tokens(value: unknown): number {
  const count = Math.trunc(Number(value ?? 0));
  return count > 0 ? Math.min(count, 1e12) : 0;
}

/** Counts what is thrown away, by span name and destination, until somebody takes the counts. */
export class UnstoredTotals {
  private totals = new Map<string, UnstoredTotal>();
  /** Found without making a key: attributes that spans share. */
  private ofShared = new WeakMap<Attributes, UnstoredTotal>();

  count(span: SpanSummary, durationNs: number): void {
    const { attributes } = span;
    let total = this.ofShared.get(attributes);
    if (total?.spanName !== span.name || total.spanKind !== span.kind) {
      total = this.total(span);
      if (isShared(attributes)) this.ofShared.set(attributes, total);
    }
    total.calls++;
    if (span.status.code === SpanStatusCode.ERROR) total.errors++;
    total.durationNs += durationNs;
    const input = attributes['gen_ai.usage.input_tokens'];
    const output = attributes['gen_ai.usage.output_tokens'];
    if (input !== undefined) total.inputTokens += tokens(input);
    if (output !== undefined) total.outputTokens += tokens(output);
  }

  /** Counts spans that a disk did not give back, or that there was no time to read. */
  countUnread(spans: number): void {
    this.total({ name: UNREAD, kind: SpanKind.INTERNAL, attributes: {}, status: UNSET }).calls += spans;
  }

  private total({ name, kind, attributes }: SpanSummary): UnstoredTotal {
    const template = attributes['messaging.destination.template'] ?? attributes['messaging.destination.name'] ?? '';
    const key = `${kind} ${name} ${String(template)}`;
    const isNew = !this.totals.has(key);
    const isOther = isNew && this.totals.size >= MAX_NAMES;
    const known = this.totals.get(isOther ? OTHERS : key);
    if (known) return known;
    const total: UnstoredTotal = {
      spanName: isOther ? OTHERS : name,
      spanKind: kind,
      destination: isOther ? '' : String(template),
      calls: 0,
      errors: 0,
      durationNs: 0,
      inputTokens: 0,
      outputTokens: 0,
    };
    this.totals.set(isOther ? OTHERS : key, total);
    return total;
  }

  /** The counts since the last call. */
  take(): UnstoredTotal[] {
    const taken = [...this.totals.values()];
    this.totals = new Map();
    this.ofShared = new WeakMap();
    return taken;
  }
}
