import { TraceFlags } from '@opentelemetry/api';
import type { EndedSpan } from '../trace/ended-span.js';
import { traceWordsOf, type TraceWords } from '../trace/ids.js';
import { SpanbusSpan } from '../trace/span.js';
import type { KeptSpan, SpanRecorder } from '../trace/tracer.js';
import { EvictedTraces } from './evicted-traces.js';
import { headWeight } from './head-weight.js';
import { KeepBudget } from './keep-budget.js';
import type { KeepHub, KeepListener } from './keep-hub.js';
import { reasonToken } from './keep-message.js';
import { KeptTraces, type Keep } from './kept-traces.js';
import { SpanBuffer, type Evictions } from './span-buffer.js';
import { triggerOf, type KeepRules } from './triggers.js';
import { UnstoredTotals } from './unstored-totals.js';

/** What fails together when a bus was away for a moment is kept whole: so many seconds of keeps may come at once. */
const SAVED_SECONDS = 10;

export interface TailOptions {
  keep: KeepRules;
  /** Memory for spans of traces that are not kept so far, estimated bytes. */
  bufferBytes: number;
  /** Where they go when that is full. */
  spill: { directory: string; maxBytes: number } | undefined;
  /** Traces that this process may have kept per second. */
  keepsPerSecond: number;
}

/** What the sampler tells the rest of the process. */
export interface TailOutput {
  /** A span is to be stored. @param weight how many spans of its kind it stands for */
  store(span: EndedSpan, weight: number): void;
  /** This process keeps a trace: for the backstop, which outlives messages that get lost. */
  kept(keep: Keep): void;
  /** A trace is kept of which this process had evicted spans before. */
  missed(traceId: string): void;
  /** The bus was away. */
  reconnected(): void;
}

export interface SamplingStats {
  ended: number;
  /** Spans that ended after the shutdown: they are gone. */
  afterShutdown: number;
  headSampled: number;
  /** Spans that wait, in memory and on disk. */
  buffered: number;
  /** What they take in memory. */
  bufferedBytes: number;
  /** Those of them that are on disk, in `sampling.spillDir`. */
  spilledSpans: number;
  spilledBytes: number;
  /** Age of the oldest buffered span, ms. */
  horizonMs: number;
  /** Spans that left the buffer because their trace was kept. */
  promoted: number;
  evictedSpans: number;
  evictedTraces: number;
  /** Traces that this process had kept, by reason. */
  kept: Record<string, number>;
  /** Traces that others had kept and this process heard of. */
  heard: number;
  /** How long the last keep message was on its way, ms, by both clocks. */
  keepLagMs: number;
  /** Triggered traces that the budget did not keep. */
  overBudget: number;
  /** Kept traces of which this process had evicted spans. */
  missed: number;
  /** Share of triggered traces that are kept now: under 1 in a flood. */
  share: number;
}

/**
 * Decides for every ended span: head-sampled and kept ones are stored, the others wait in a buffer until their trace is kept
 * or memory runs out.
 */
export class TailSampler implements SpanRecorder, KeepListener {
  private readonly buffer: SpanBuffer;
  private readonly keptTraces = new KeptTraces();
  private readonly evicted = new EvictedTraces();
  private readonly budget: KeepBudget;
  readonly unstored = new UnstoredTotals();
  private readonly counts = {
    ended: 0,
    afterShutdown: 0,
    headSampled: 0,
    promoted: 0,
    evictedSpans: 0,
    evictedTraces: 0,
    heard: 0,
    overBudget: 0,
    missed: 0,
  };
  private keepLagMs = 0;
  private closed = false;
  private readonly keptByReason: Record<string, number> = {};

  constructor(
    private readonly options: TailOptions,
    private readonly output: TailOutput,
    private readonly hub: KeepHub,
  ) {
    this.budget = new KeepBudget(options.keepsPerSecond, SAVED_SECONDS);
    const evictions: Evictions = {
      span: (span, durationNs, trace) => {
        this.counts.evictedSpans++;
        if (this.evicted.add(trace)) this.counts.evictedTraces++;
        this.unstored.count(span, durationNs);
      },
      unread: (spans) => {
        this.counts.evictedSpans += spans;
        this.unstored.countUnread(spans);
      },
    };
    this.buffer = new SpanBuffer(options.bufferBytes, evictions, options.spill);
  }

  onEnd(span: EndedSpan): void {
    this.counts.ended++;
    if (this.closed) {
      this.counts.afterShutdown++;
      return;
    }
    const reason = triggerOf(span, this.options.keep);
    if (reason !== '') this.trigger(span, reason);
    const keep = this.keepOfSpan(span);
    if (keep) {
      this.output.store(span, keep.weight);
    } else if (span.traceFlags & TraceFlags.SAMPLED) {
      this.counts.headSampled++;
      this.output.store(span, headWeight(span.traceState));
    } else {
      this.buffer.add(span);
    }
  }

  /** The user wants the trace of a span that has not ended yet: it carries the reason when it does. */
  keep(span: KeptSpan, reason: string): void {
    if (!this.closed) this.trigger(span, reasonToken(reason));
  }

  hear(keep: Keep): void {
    const known = this.keptTraces.get(traceWordsOf(keep.traceId));
    if (known) {
      // whoever keeps a larger share of such traces knows better what this one stands for
      if (keep.weight < known.weight) this.keptTraces.add({ ...known, weight: keep.weight });
      return;
    }
    this.counts.heard++;
    this.accept(keep);
  }

  hearLag(ms: number): void {
    this.keepLagMs = ms;
  }

  hearShare(share: number): void {
    this.budget.hear(share, performance.now());
  }

  keepOf(trace: TraceWords): Keep | undefined {
    return this.keptTraces.any ? this.keptTraces.get(trace) : undefined;
  }

  share(): number {
    return this.budget.share(performance.now());
  }

  reconnected(): void {
    this.output.reconnected();
  }

  /** Gives up what waits, and takes no more: the process ends, and nothing of it was kept. */
  close(): void {
    this.closed = true;
    this.buffer.close();
  }

  stats(): SamplingStats {
    return {
      ...this.counts,
      kept: { ...this.keptByReason },
      keepLagMs: this.keepLagMs,
      buffered: this.buffer.size,
      bufferedBytes: this.buffer.bytes,
      spilledSpans: this.buffer.spilledSpans,
      spilledBytes: this.buffer.spilledBytes,
      horizonMs: this.buffer.horizonMs,
      share: this.share(),
    };
  }

  private trigger(span: KeptSpan, reason: string): void {
    const { traceId } = span;
    // a head-sampled trace is there in any case: it stands for no more than its head ratio says
    const most = span.traceFlags & TraceFlags.SAMPLED ? headWeight(span.traceState) : Infinity;
    const known = this.keptTraces.get(traceWordsOf(traceId));
    if (known) {
      // kept by whoever keeps the largest share of such traces: that is what it stands for
      const weight = Math.min(known.weight, most, 1 / this.budget.shareFor(traceId, performance.now()));
      if (weight < known.weight) this.keptTraces.add({ ...known, weight });
      span.keepReason = reason;
      return;
    }
    const share = this.budget.admit(traceId, performance.now());
    if (share === 0) {
      this.counts.overBudget++;
      span.keepReason = '';
      return;
    }
    span.keepReason = reason;
    this.keptByReason[reason] = (this.keptByReason[reason] ?? 0) + 1;
    const weight = Math.min(1 / share, most);
    const keep = { traceId, reason, weight };
    this.accept(keep);
    this.hub.announce(keep, this);
    this.output.kept(keep);
  }

  private keepOfSpan(span: EndedSpan): Keep | undefined {
    if (!this.keptTraces.any) return undefined;
    return this.keptTraces.get(span instanceof SpanbusSpan ? span : traceWordsOf(span.traceId));
  }

  private accept(keep: Keep): void {
    this.keptTraces.add(keep);
    if (this.evicted.has(keep.traceId)) {
      this.counts.missed++;
      this.output.missed(keep.traceId);
    }
    const spans = this.buffer.take(keep.traceId);
    this.counts.promoted += spans.length;
    for (let i = spans.length - 1; i >= 0; i--) this.output.store(spans[i]!, keep.weight);
  }
}
