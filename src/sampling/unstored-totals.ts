import { type SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { EndedSpan } from '../trace/ended-span.js';

/** Exact counts of spans that were never stored, of one name. */
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

/** A token count as the table takes it, whatever a span says: whole, not negative, and capped as in otel_traces. */
function tokens(value: unknown): number {
  const count = Math.trunc(Number(value ?? 0));
  return count > 0 ? Math.min(count, 1e12) : 0;
}

/** Counts what is thrown away, by span name and destination, until somebody takes the counts. */
export class UnstoredTotals {
  private totals = new Map<string, UnstoredTotal>();

  count(span: EndedSpan): void {
    const { attributes } = span;
    const template = attributes['messaging.destination.template'] ?? attributes['messaging.destination.name'] ?? '';
    let destination = String(template);
    let key = `${span.kind} ${span.name} ${destination}`;
    let total = this.totals.get(key);
    if (!total && this.totals.size >= MAX_NAMES) {
      key = OTHERS;
      destination = '';
      total = this.totals.get(key);
    }
    if (!total) {
      const spanName = key === OTHERS ? OTHERS : span.name;
      total = {
        spanName,
        spanKind: span.kind,
        destination,
        calls: 0,
        errors: 0,
        durationNs: 0,
        inputTokens: 0,
        outputTokens: 0,
      };
      this.totals.set(key, total);
    }
    total.calls++;
    if (span.status.code === SpanStatusCode.ERROR) total.errors++;
    total.durationNs += span.endTime - span.startTime;
    total.inputTokens += tokens(attributes['gen_ai.usage.input_tokens']);
    total.outputTokens += tokens(attributes['gen_ai.usage.output_tokens']);
  }

  /** The counts since the last call. */
  take(): UnstoredTotal[] {
    const taken = [...this.totals.values()];
    this.totals = new Map();
    return taken;
  }
}
