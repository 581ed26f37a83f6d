import type { Tracer, TracerProvider } from '@opentelemetry/api';
import type { HeadSampler } from '../sampling/head-sampler.js';
import type { SpanLimits } from './attributes.js';
import { SpanbusTracer, type SpanRecorder } from './tracer.js';

/** One tracer per instrumentation scope; all share recorder, sampler and limits. */
export class SpanbusTracerProvider implements TracerProvider {
  private readonly tracers = new Map<string, SpanbusTracer>();

  constructor(
    readonly recorder: SpanRecorder,
    readonly sampler: HeadSampler,
    private readonly limits: SpanLimits,
    readonly baggageKeys: readonly string[] = [],
  ) {}

  getTracer(name: string, version = ''): Tracer {
    const key = `${name}\n${version}`;
    let tracer = this.tracers.get(key);
    if (!tracer) {
      tracer = new SpanbusTracer(name, version, this.recorder, this.sampler, this.limits, this.baggageKeys);
      this.tracers.set(key, tracer);
    }
    return tracer;
  }
}
