import { diag, propagation, type Context, type Span } from '@opentelemetry/api';
import { recordBody, withSpan } from '../../src/index.js';
import { headerSetter, OutgoingHeaders } from './outgoing-headers.js';
import { countOmitted } from './stats.js';
import type { NatsConnectionLike, NatsPublishOptions, NatsServerInfo, Payload } from './types.js';

/** Puts the context of a message's span into its headers. */
export class OutgoingContext {
  /** A connection of `nats` 2 that was closed has none any more. */
  private info: NatsServerInfo | undefined;

  constructor(private readonly nc: NatsConnectionLike) {}

  /**
   * A copy of the options with the span's context in their headers; those given, untouched, when there is nothing to carry,
   * the server would not take it, or they are none: those are the client's to refuse, in its own words. Never throws.
   */
  carry<O extends NatsPublishOptions>(
    span: Span,
    active: Context,
    payload: Payload | undefined,
    given: O | undefined,
  ): O | undefined {
    try {
      recordBody(span, payload);
      if (!areOptions(given)) return given;
      const info = (this.info = this.nc.info ?? this.info);
      if (info && info.headers !== true) {
        countOmitted('no_header_support');
        return given;
      }
      const headers = new OutgoingHeaders(given?.headers || undefined);
      propagation.inject(withSpan(active, span), headers, headerSetter);
      if (headers.isEmpty) return given;
      const size = headers.encode().length;
      if (info?.max_payload !== undefined && !fits(size, payload, info.max_payload)) {
        countOmitted('max_payload');
        span.setAttribute('spanbus.headers_omitted', 'max_payload');
        return given;
      }
      return withHeaders(given, headers);
    } catch (error) {
      diag.error('spanbus: a message goes without its context, which could not be added', error);
      return given;
    }
  }
}

/** Whether these are options, or none, and their headers such as the client takes. */
function areOptions(given: NatsPublishOptions | undefined): boolean {
  if (given === undefined) return true;
  if (typeof given !== 'object' || given === null) return false;
  return !given.headers || typeof given.headers.encode === 'function';
}

/** A copy of the options, which the client may write to, with these headers. As fast as a spread is slow, here and in the client. */
function withHeaders<O extends NatsPublishOptions>(given: O | undefined, headers: OutgoingHeaders): O {
  const options: Record<string, unknown> = { headers };
  for (const key in given) if (key !== 'headers' && Object.hasOwn(given, key)) options[key] = given[key];
  return options as unknown as O;
}

/** Whether headers and payload are within the server's limit; strings are measured only when they may not be. */
function fits(headerBytes: number, payload: Payload | undefined, limit: number): boolean {
  if (typeof payload === 'string') {
    return headerBytes + payload.length * 3 <= limit || headerBytes + Buffer.byteLength(payload) <= limit;
  }
  // nothing, or what the client will refuse
  if (!(payload instanceof Uint8Array)) return headerBytes <= limit;
  return headerBytes + payload.length <= limit;
}
