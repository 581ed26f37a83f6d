import type { Attributes } from '@opentelemetry/api';
import { parseServerUrl, shownUrl } from './clickhouse-url.js';
import { contentFromEnvironment } from './content/capture-switch.js';
import type { ContentOptions } from './content/content-recorder.js';
import type { Redact, RedactionOptions } from './content/redaction.js';
import { InvalidOptionError } from './errors.js';
import { checkOptions } from './option-check.js';
import type { BatchOptions, SpanSink } from './export/batch-exporter.js';
import type { ClickHouseAddress } from './export/clickhouse-connection.js';
import type { HeadOptions, HeadRule } from './sampling/head-sampler.js';
import type { TailOptions } from './sampling/tail-sampler.js';
import type { KeepRules } from './sampling/triggers.js';

/** What {@link createTracing} takes; everything has a default. */
export interface TracingOptions {
  /** Name of this process in every trace. @default OTEL_SERVICE_NAME, else `unknown_service:node` */
  service?: string;
  /** Attributes of all its spans. @default OTEL_RESOURCE_ATTRIBUTES */
  resource?: Attributes;
  clickhouse?: Partial<ClickHouseAddress>;
  sampling?: {
    /** Share of the traces to sample at their root, 0 to 1. @default OTEL_TRACES_SAMPLER(_ARG), else 1 */
    ratio?: number;
    /** Other ratios for traces that start at an agent or with a message to a destination; the first that fits counts. */
    rules?: readonly HeadRule[];
    /** Sampled traces that may start in this process per second; beyond it the ratio is lowered. @default no limit */
    tracesPerSecond?: number;
    /** What has a trace kept whole, whatever the ratio. */
    keep?: Partial<KeepRules>;
    /** Memory for spans of traces that are not kept so far, estimated bytes. @default 64 MiB */
    bufferBytes?: number;
    /**
     * Directory for what does not fit into that memory, in a file that has no name and goes with the process. Spans are in it as
     * they were recorded, before anything is redacted. @default none: the oldest spans go
     */
    spillDir?: string;
    /** Bytes of that file; beyond it the oldest spans go. @default 1 GiB */
    spillBytes?: number;
    /** Traces that this process may have kept per second; beyond it a share of them is. @default 100 */
    keepsPerSecond?: number;
  };
  capture?: {
    /**
     * Whether prompts, replies, tool arguments and results and message bodies are stored, in `span_content`.
     * @default OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, else false
     */
    content?: boolean;
    /** Longest stored content, bytes of UTF-8; what is longer is cut and marked. @default 65536 */
    maxContentBytes?: number;
    /** Changes or drops content, attributes and error messages before they are queued. @default nothing */
    redact?: Redact;
    /** Whether keys, tokens, passwords, card numbers and e-mail addresses are replaced, wherever they are. @default true */
    redactSecrets?: boolean;
    /** Longest attribute value and status message, bytes of UTF-8; what is longer is cut and marked. @default 16384 */
    maxAttributeBytes?: number;
  };
  /** Keys of W3C Baggage that become attributes of every span below whoever set them. @default none */
  baggageAttributes?: readonly string[];
  queue?: {
    /** Memory for spans that wait to be stored, estimated bytes; beyond it new ones are dropped and counted. @default 64 MiB */
    maxBytes?: number;
    /**
     * Directory for batches that ClickHouse cannot take now: they are sent in order when it can again, also by a later process.
     * Processes may share it. @default none
     */
    spoolDir?: string;
    /** Bytes that may wait there; beyond it spans wait in memory. @default 1 GiB */
    maxSpoolBytes?: number;
  };
  /** Where batches go instead of ClickHouse: for tests and benchmarks. */
  sink?: SpanSink;
}

/** All options with their values. */
export interface ResolvedOptions {
  service: string;
  resource: Attributes;
  clickhouse: ClickHouseAddress;
  head: HeadOptions;
  tail: TailOptions;
  maxAttributeBytes: number;
  capture: ContentOptions & RedactionOptions;
  baggageAttributes: readonly string[];
  batch: BatchOptions;
  spool: { directory: string | undefined; maxBytes: number };
  sink: SpanSink | undefined;
  disabled: boolean;
}

const DEFAULTS = {
  service: 'unknown_service:node',
  clickhouse: { url: 'http://127.0.0.1:8123', database: 'default', username: 'default', password: '' },
  ratio: 1,
  keep: { errors: true, slowerThanMs: Infinity, moreTokensThan: Infinity },
  bufferBytes: 64 << 20,
  spillBytes: 1 << 30,
  keepsPerSecond: 100,
  maxAttributeBytes: 16_384,
  maxContentBytes: 65_536,
  maxSpoolBytes: 1 << 30,
  batch: { maxBatchSpans: 10_000, maxBatchBytes: 8 << 20, maxAgeMs: 1000, maxBytes: 64 << 20, retryMs: 200 },
};

type Environment = Record<string, string | undefined>;

/** `key=value,…` with percent-encoded values, as OTEL_RESOURCE_ATTRIBUTES has it. */
function parseResource(text: string): Attributes {
  const attributes: Attributes = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at < 1) continue;
    const value = pair.slice(at + 1).trim();
    try {
      attributes[pair.slice(0, at).trim()] = decodeURIComponent(value);
    } catch {
      attributes[pair.slice(0, at).trim()] = value;
    }
  }
  return attributes;
}

/** The head ratio that OpenTelemetry's sampler variables ask for; undefined when they do not. */
function ratioFrom(env: Environment): number | undefined {
  const name = env['OTEL_TRACES_SAMPLER']?.replace('parentbased_', '');
  if (name === 'always_on') return 1;
  if (name === 'always_off') return 0;
  if (name !== 'traceidratio') return undefined;
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}

/**
 * Options, else environment, else defaults.
 * @throws InvalidOptionError for one that is not known, is not what it has to be, or is out of range
 */
export function resolveOptions(options: TracingOptions, env: Environment = process.env): ResolvedOptions {
  checkOptions(options);
  const ratio = options.sampling?.ratio ?? ratioFrom(env) ?? DEFAULTS.ratio;
  const rules = options.sampling?.rules ?? [];
  for (const value of [ratio, ...rules.map((rule) => rule.ratio)]) {
    if (!(value >= 0 && value <= 1)) throw new InvalidOptionError('sampling.ratio', `${value} is not between 0 and 1`);
  }
  const tracesPerSecond = options.sampling?.tracesPerSecond ?? Infinity;
  const spillBytes = options.sampling?.spillBytes ?? DEFAULTS.spillBytes;
  const spillDir = options.sampling?.spillDir;
  const disabled = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  const maxBytes = options.queue?.maxBytes ?? DEFAULTS.batch.maxBytes;
  const { clickhouse = {} } = options;
  const url = clickhouse.url ?? (env['CLICKHOUSE_URL'] || DEFAULTS.clickhouse.url);
  const server = parseServerUrl(url);
  if (!server) throw new InvalidOptionError('clickhouse.url', `"${shownUrl(url)}" is not an http or https URL`);
  const resource = { ...parseResource(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''), ...options.resource };
  const named = resource['service.name'];
  return {
    service:
      options.service ??
      (env['OTEL_SERVICE_NAME'] || (typeof named === 'string' && named !== '' ? named : DEFAULTS.service)),
    resource,
    clickhouse: {
      url: server.url,
      database: clickhouse.database ?? (env['CLICKHOUSE_DATABASE'] || DEFAULTS.clickhouse.database),
      username: clickhouse.username ?? server.username ?? (env['CLICKHOUSE_USER'] || DEFAULTS.clickhouse.username),
      password: clickhouse.password ?? server.password ?? env['CLICKHOUSE_PASSWORD'] ?? DEFAULTS.clickhouse.password,
    },
    head: { ratio, rules, tracesPerSecond },
    tail: {
      keep: { ...DEFAULTS.keep, ...options.sampling?.keep },
      bufferBytes: options.sampling?.bufferBytes ?? DEFAULTS.bufferBytes,
      spill: spillDir === undefined || disabled ? undefined : { directory: spillDir, maxBytes: spillBytes },
      keepsPerSecond: options.sampling?.keepsPerSecond ?? DEFAULTS.keepsPerSecond,
    },
    maxAttributeBytes: options.capture?.maxAttributeBytes ?? DEFAULTS.maxAttributeBytes,
    capture: {
      content: options.capture?.content ?? contentFromEnvironment(env),
      maxContentBytes: options.capture?.maxContentBytes ?? DEFAULTS.maxContentBytes,
      redact: options.capture?.redact,
      secrets: options.capture?.redactSecrets ?? true,
    },
    baggageAttributes: options.baggageAttributes ?? [],
    batch: { ...DEFAULTS.batch, maxBytes },
    spool: {
      directory: options.queue?.spoolDir,
      maxBytes: options.queue?.maxSpoolBytes ?? DEFAULTS.maxSpoolBytes,
    },
    sink: options.sink,
    disabled,
  };
}
