import { type Trace } from './model.js';

/** A trace as JSON, spans in the order they came in. Durations in ns, `startNs` relative to the trace's first span. */
export function traceJson(trace: Trace): string {
  return `${JSON.stringify(trace, null, 2)}\n`;
}
