import { context, diag, ProxyTracerProvider, propagation, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BatchExporter, type ExporterStats } from './export/batch-exporter.js';
import { ClickHouseSink } from './export/clickhouse-sink.js';
import { resolveOptions, type TracingOptions } from './options.js';
import { propagator } from './propagation/propagator.js';
import { HeadSampler } from './sampling/head-sampler.js';
import { flushOnExit } from './signals.js';
import { SpanbusTracerProvider } from './trace/provider.js';
import type { SpanbusSpan } from './trace/span.js';
import type { SpanRecorder } from './trace/tracer.js';

const FLUSH_TIMEOUT_MS = 30_000;
const SHUTDOWN_TIMEOUT_MS = 5_000;

/** Counts since the start of the process. */
export interface TracingStats {
  /** Spans that ended. */
  ended: number;
  /** Those of traces that the head decision did not sample. */
  unsampled: number;
  export: ExporterStats;
}

/** A process's tracing. */
export interface Tracing {
  /** The provider behind `register()`, for whoever passes providers around instead. */
  readonly provider: SpanbusTracerProvider;
  readonly tracer: Tracer;
  /** Makes this the process's tracing: OpenTelemetry's global tracer provider, context manager and propagator. */
  register(): Tracing;
  /**
   * Resolves when all spans that ended so far are stored.
   * @throws ExportError FLUSH_TIMEOUT after 30 s, or `timeoutMs`
   */
  forceFlush(timeoutMs?: number): Promise<void>;
  /** Flushes for at most 5 s, or `timeoutMs`, and stops; spans that could not be stored are counted in `stats()`. */
  shutdown(timeoutMs?: number): Promise<void>;
  stats(): TracingStats;
}

class Recorder implements SpanRecorder {
  ended = 0;
  unsampled = 0;

  constructor(
    private readonly exporter: BatchExporter,
    private readonly weight: number,
  ) {}

  onEnd(span: SpanbusSpan): void {
    this.ended++;
    if (span.traceFlags & TraceFlags.SAMPLED) this.exporter.add({ span, weight: this.weight });
    else this.unsampled++;
  }
}

/**
 * Sets up tracing for this process.
 *
 * @example
 * const tracing = createTracing({ service: 'planner' }).register();
 *
 * @throws InvalidOptionError for options that cannot work; nothing else is ever thrown at the traced program
 */
export function createTracing(options: TracingOptions = {}): Tracing {
  const resolved = resolveOptions(options);
  const { service, resource, clickhouse, ratio, maxAttributeBytes, batch } = resolved;
  const sink = resolved.sink ?? new ClickHouseSink(clickhouse, { service, attributes: resource });
  const exporter = new BatchExporter(sink, batch);
  const recorder = new Recorder(exporter, ratio > 0 ? 1 / ratio : 1);
  const limits = { attributeCount: 128, eventCount: 128, linkCount: 128, attributeValueLength: maxAttributeBytes };
  const provider = new SpanbusTracerProvider(recorder, new HeadSampler(ratio), limits);
  let stopWatching: (() => void) | undefined;

  const tracing: Tracing = {
    provider,
    tracer: provider.getTracer('spanbus'),
    register() {
      if (resolved.disabled) return tracing;
      const before = trace.getTracerProvider();
      if (!(before instanceof ProxyTracerProvider) || !trace.setGlobalTracerProvider(provider)) {
        diag.warn('spanbus: another tracer provider is registered already; use SpanbusSpanProcessor with it');
        return tracing;
      }
      const contexts = new AsyncLocalStorageContextManager().enable();
      if (!context.setGlobalContextManager(contexts)) contexts.disable();
      propagation.setGlobalPropagator(propagator);
      stopWatching ??= flushOnExit(() => tracing.shutdown());
      return tracing;
    },
    forceFlush: (timeoutMs = FLUSH_TIMEOUT_MS) => exporter.flush(timeoutMs),
    async shutdown(timeoutMs = SHUTDOWN_TIMEOUT_MS) {
      stopWatching?.();
      await exporter.shutdown(timeoutMs);
    },
    stats: () => ({ ended: recorder.ended, unsampled: recorder.unsampled, export: exporter.stats() }),
  };
  return tracing;
}
