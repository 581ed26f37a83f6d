import { metrics, type ObservableResult } from '@opentelemetry/api';
import type { TracingStats } from './tracing.js';

/**
 * Shows `stats()` as OpenTelemetry metrics, where the program has a meter provider; elsewhere it costs nothing.
 *
 * @returns a function that stops
 */
export function observeStats(stats: () => TracingStats): () => void {
  const meter = metrics.getMeter('spanbus');
  const stops: (() => void)[] = [];
  const observe = (
    kind: 'gauge' | 'counter',
    name: string,
    unit: string,
    read: (s: TracingStats, r: ObservableResult) => void,
  ) => {
    const metric =
      kind === 'gauge' ? meter.createObservableGauge(name, { unit }) : meter.createObservableCounter(name, { unit });
    const callback = (result: ObservableResult): void => read(stats(), result);
    metric.addCallback(callback);
    stops.push(() => metric.removeCallback(callback));
  };
  observe('gauge', 'spanbus.buffer.spans', '{span}', (s, r) => r.observe(s.sampling.buffered));
  observe('gauge', 'spanbus.buffer.size', 'By', (s, r) => r.observe(s.sampling.bufferedBytes));
  observe('gauge', 'spanbus.buffer.spilled', '{span}', (s, r) => r.observe(s.sampling.spilledSpans));
  observe('gauge', 'spanbus.buffer.spilled_size', 'By', (s, r) => r.observe(s.sampling.spilledBytes));
  observe('gauge', 'spanbus.buffer.horizon', 'ms', (s, r) => r.observe(s.sampling.horizonMs));
  observe('counter', 'spanbus.buffer.promoted', '{span}', (s, r) => r.observe(s.sampling.promoted));
  observe('counter', 'spanbus.buffer.evicted', '{span}', (s, r) => r.observe(s.sampling.evictedSpans));
  observe('counter', 'spanbus.keeps', '{trace}', (s, r) => {
    for (const [reason, count] of Object.entries(s.sampling.kept)) r.observe(count, { reason });
  });
  observe('counter', 'spanbus.keeps.heard', '{trace}', (s, r) => r.observe(s.sampling.heard));
  observe('gauge', 'spanbus.keeps.lag', 'ms', (s, r) => r.observe(s.sampling.keepLagMs));
  observe('counter', 'spanbus.keeps.missed', '{trace}', (s, r) => r.observe(s.sampling.missed));
  observe('counter', 'spanbus.keeps.over_budget', '{trace}', (s, r) => r.observe(s.sampling.overBudget));
  observe('counter', 'spanbus.export.spans', '{span}', (s, r) => r.observe(s.export.exported));
  observe('gauge', 'spanbus.export.queued', '{span}', (s, r) => r.observe(s.export.queued));
  observe('counter', 'spanbus.export.dropped', '{span}', (s, r) => {
    for (const [reason, count] of Object.entries(s.export.dropped)) r.observe(count, { reason });
  });
  return () => stops.forEach((stop) => stop());
}
