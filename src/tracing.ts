import { context, propagation, type Tracer } from '@opentelemetry/api';
import { wantContent } from './content/capture-switch.js';
import { ContentRecorder } from './content/content-recorder.js';
import { Redaction } from './content/redaction.js';
import { BatchExporter, type ExporterStats, type SpanSink } from './export/batch-exporter.js';
import { ClickHouseConnection } from './export/clickhouse-connection.js';
import { KeepStore } from './export/keep-store.js';
import { openSink } from './export/open-sink.js';
import { becomeGlobal, isGlobal } from './global-provider.js';
import { resolveOptions, type TracingOptions } from './options.js';
import { propagator } from './propagation/propagator.js';
import { HeadSampler } from './sampling/head-sampler.js';
import { keepHub } from './sampling/keep-hub.js';
import { TailSampler, type SamplingStats } from './sampling/tail-sampler.js';
import { observeStats } from './metrics.js';
import { watchProcessFailures } from './sampling/process-failures.js';
import { watchExit } from './signals.js';
import { createContextManager } from './trace/context-manager.js';
import { SpanbusTracerProvider } from './trace/provider.js';

const FLUSH_TIMEOUT_MS = 30_000;
const SHUTDOWN_TIMEOUT_MS = 5_000;

/** Where the spans of a program go that wants none. */
const NO_SINK: SpanSink = { send: () => Promise.resolve(), close: () => Promise.resolve() };
const LIMITS = { attributeCount: 128, eventCount: 128, linkCount: 128, nameBytes: 1024 };

/** Counts since the start of the process. */
export interface TracingStats {
  sampling: SamplingStats;
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
   * Resolves when all spans that ended so far are stored, or are in the spool.
   * @throws ExportError FLUSH_TIMEOUT after 30 s, or `timeoutMs`
   */
  forceFlush(timeoutMs?: number): Promise<void>;
  /**
   * Flushes and stops. All of it together takes at most 5 s, or `timeoutMs`: requests that have no answer by then are given up,
   * and spans that could not be stored are counted in `stats()`. Does nothing when called again.
   */
  shutdown(timeoutMs?: number): Promise<void>;
  stats(): TracingStats;
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
  const { service, head, maxAttributeBytes, batch } = resolved;
  const hub = keepHub();
  const connection = resolved.sink || resolved.disabled ? undefined : new ClickHouseConnection(resolved.clickhouse);
  const sink = connection ? openSink(connection, resolved) : (resolved.sink ?? NO_SINK);
  const exporter = new BatchExporter(sink, batch);
  const redaction = new Redaction(resolved.capture);
  const sampler: TailSampler = new TailSampler(
    resolved.tail,
    {
      store: (span, weight) => {
        redaction.span(span);
        exporter.add(span, weight);
      },
      kept: (keep) => store?.kept(keep),
      missed: (traceId) => store?.missed(traceId),
      reconnected: () => void store?.read(),
    },
    hub,
  );
  const store =
    connection &&
    new KeepStore(connection, service, {
      hear: (keep) => sampler.hear(keep),
      needsKeeps: () => sampler.stats().buffered > 0,
      takeTotals: () =>
        sampler.unstored
          .take()
          .map((total) => ({ ...total, spanName: redaction.text('span.name', total.spanName) ?? '' })),
    });
  const limits = { ...LIMITS, attributeValueBytes: maxAttributeBytes };
  const recorder = new ContentRecorder(sampler, resolved.capture);
  const { baggageAttributes, disabled } = resolved;
  const provider = new SpanbusTracerProvider(recorder, new HeadSampler(head), limits, baggageAttributes, disabled);
  const detach = hub.addListener(sampler);
  const stops: (() => void)[] = resolved.capture.content ? [wantContent()] : [];
  const flush = async (timeoutMs: number): Promise<void> => {
    hub.flush();
    await Promise.all([store && within(timeoutMs, store.write()), exporter.flush(timeoutMs)]);
  };
  let stopped: Promise<void> | undefined;
  const stop = async (timeoutMs: number): Promise<void> => {
    // not by Date.now(): a wall clock that is set back would give the exporter more time than there is
    const deadline = performance.now() + timeoutMs;
    for (const detachFrom of stops.splice(0)) detachFrom();
    hub.flush();
    const closeBuffer = (): void => sampler.close();
    // a server that is slow to say what is kept leaves the spans half of the time
    if (store) await within(timeoutMs / 2, store.close(closeBuffer));
    closeBuffer();
    const leftMs = Math.max(0, deadline - performance.now());
    await within(leftMs, exporter.shutdown(leftMs));
    detach();
    await connection?.close();
  };

  const tracing: Tracing = {
    provider,
    tracer: provider.getTracer('spanbus'),
    register() {
      if (resolved.disabled || isGlobal(provider) || !becomeGlobal(provider)) return tracing;
      const contexts = createContextManager().enable();
      if (!context.setGlobalContextManager(contexts)) contexts.disable();
      propagation.setGlobalPropagator(propagator);
      stops.push(
        watchExit({ flush, shutdown: (timeoutMs) => tracing.shutdown(timeoutMs) }, SHUTDOWN_TIMEOUT_MS),
        watchProcessFailures(),
        observeStats(() => tracing.stats()),
      );
      return tracing;
    },
    forceFlush: (timeoutMs = FLUSH_TIMEOUT_MS) => exporter.flush(timeoutMs),
    shutdown: (timeoutMs = SHUTDOWN_TIMEOUT_MS) => (stopped ??= stop(timeoutMs)),
    stats: () => ({ sampling: sampler.stats(), export: exporter.stats() }),
  };
  return tracing;
}

/** Waits for `work`, but not longer than `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
