import { context, ProxyTracerProvider, propagation, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { wantContent } from './content/capture-switch.js';
import { ContentRecorder } from './content/content-recorder.js';
import { Redaction } from './content/redaction.js';
import { BatchExporter, type ExporterStats } from './export/batch-exporter.js';
import { ClickHouseConnection } from './export/clickhouse-connection.js';
import { ClickHouseSink } from './export/clickhouse-sink.js';
import { KeepStore } from './export/keep-store.js';
import { resolveOptions, type TracingOptions } from './options.js';
import { propagator } from './propagation/propagator.js';
import { HeadSampler } from './sampling/head-sampler.js';
import { keepHub } from './sampling/keep-hub.js';
import { TailSampler, type SamplingStats } from './sampling/tail-sampler.js';
import { observeStats } from './metrics.js';
import { watchProcessFailures } from './sampling/process-failures.js';
import { watchExit } from './signals.js';
import { SpanbusTracerProvider } from './trace/provider.js';

const FLUSH_TIMEOUT_MS = 30_000;
const SHUTDOWN_TIMEOUT_MS = 5_000;

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
   * Resolves when all spans that ended so far are stored.
   * @throws ExportError FLUSH_TIMEOUT after 30 s, or `timeoutMs`
   */
  forceFlush(timeoutMs?: number): Promise<void>;
  /** Flushes for at most 5 s, or `timeoutMs`, and stops; spans that could not be stored are counted in `stats()`. */
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
  const { service, resource, head, maxAttributeBytes, batch } = resolved;
  const hub = keepHub();
  const connection = resolved.sink ? undefined : new ClickHouseConnection(resolved.clickhouse);
  const sink = connection ? new ClickHouseSink(connection, { service, attributes: resource }) : resolved.sink!;
  const exporter = new BatchExporter(sink, batch);
  const redaction = new Redaction(resolved.capture);
  const sampler: TailSampler = new TailSampler(
    resolved.tail,
    {
      store: (row) => {
        redaction.span(row.span);
        exporter.add(row);
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
  const limits = { attributeCount: 128, eventCount: 128, linkCount: 128, attributeValueLength: maxAttributeBytes };
  const recorder = new ContentRecorder(sampler, resolved.capture);
  const provider = new SpanbusTracerProvider(recorder, new HeadSampler(head), limits, resolved.baggageAttributes);
  const detach = hub.addListener(sampler);
  const stops: (() => void)[] = resolved.capture.content ? [wantContent()] : [];
  const flush = async (): Promise<void> => {
    hub.flush();
    await store?.write();
    await exporter.flush(SHUTDOWN_TIMEOUT_MS);
  };

  const tracing: Tracing = {
    provider,
    tracer: provider.getTracer('spanbus'),
    register() {
      if (resolved.disabled) return tracing;
      const before = trace.getTracerProvider();
      if (!(before instanceof ProxyTracerProvider) || !trace.setGlobalTracerProvider(provider)) {
        process.emitWarning('another tracer provider is registered already: spanbus records nothing', 'SpanbusWarning');
        return tracing;
      }
      const contexts = new AsyncLocalStorageContextManager().enable();
      if (!context.setGlobalContextManager(contexts)) contexts.disable();
      propagation.setGlobalPropagator(propagator);
      stops.push(
        watchExit({ flush, shutdown: () => tracing.shutdown() }),
        watchProcessFailures(),
        observeStats(() => tracing.stats()),
      );
      return tracing;
    },
    forceFlush: (timeoutMs = FLUSH_TIMEOUT_MS) => exporter.flush(timeoutMs),
    async shutdown(timeoutMs = SHUTDOWN_TIMEOUT_MS) {
      for (const stop of stops.splice(0)) stop();
      hub.flush();
      const deadline = Date.now() + timeoutMs;
      if (store)
        await within(
          timeoutMs,
          store.close(() => sampler.close()),
        );
      else sampler.close();
      await exporter.shutdown(Math.max(0, deadline - Date.now()));
      detach();
      await connection?.close();
    },
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
