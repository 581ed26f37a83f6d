import { fromTimeInput } from '../trace/clock.js';
import type { EndedSpan, InstrumentationScope } from '../trace/ended-span.js';
import type { SdkSpan } from './sdk-types.js';

/** Scopes are few and shared by their spans; so is what they are turned into. */
const scopes = new WeakMap<object, InstrumentationScope>();
const NO_SCOPE: InstrumentationScope = { scopeName: '', scopeVersion: '' };

function scopeOf({ instrumentationScope, instrumentationLibrary }: SdkSpan): InstrumentationScope {
  const scope = instrumentationScope ?? instrumentationLibrary;
  if (!scope) return NO_SCOPE;
  let known = scopes.get(scope);
  if (!known) scopes.set(scope, (known = { scopeName: scope.name, scopeVersion: scope.version ?? '' }));
  return known;
}

/**
 * An ended span of OpenTelemetry's SDK as ours. Its attributes are copied where they are changed and never in place: other
 * processors have the same object.
 */
export function convertSpan(span: SdkSpan, keepReason: string): EndedSpan {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? span.parentSpanId ?? '',
    traceFlags,
    traceState,
    name: span.name,
    kind: span.kind,
    startTime: fromTimeInput(span.startTime),
    endTime: fromTimeInput(span.endTime),
    tracer: scopeOf(span),
    resource: span.resource,
    attributes: span.attributes,
    events: span.events.map(({ name, time, attributes = {} }) => ({ name, time: fromTimeInput(time), attributes })),
    links: span.links,
    status: span.status,
    keepReason,
    content: undefined,
  };
}
