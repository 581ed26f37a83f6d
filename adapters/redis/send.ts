import { context, propagation, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { capturesContent, recordBody, withSpan } from '../../src/index.js';
import { argumentText, isPlumbing, type Destinations } from './destination.js';
import { encodeEnvelope, EnvelopeHeaders, writeEnvelope } from './envelope.js';
import { recordFailure } from './failures.js';
import { envelopeSetter, headerSetter } from './process.js';
import { fieldsFrom, hasTraceFields, TraceFields } from './stream-fields.js';
import type { Argument, RedisCommand } from './types.js';

/** What senders of one client share. */
export interface Sender {
  readonly tracer: Tracer;
  readonly channels: Destinations;
  readonly lists: Destinations;
  readonly streams: Destinations;
  readonly settles: Destinations;
}

/** Redirections that a cluster client follows by itself: not failures of the command. */
const REDIRECTION = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/;

export const nameOf = (argument: Argument | undefined): string => String(argument ?? '');

/**
 * Has the command write `args` to the socket instead of its own, which stay as they are: errors and retries show the user's.
 */
export function writeInstead(command: RedisCommand, args: Argument[]): void {
  const { toWritable } = command;
  command.toWritable = (socket) => {
    const { args: own, bufferMode } = command;
    command.args = args;
    command.bufferMode = true;
    try {
      return toWritable.call(command, socket);
    } finally {
      command.args = own;
      command.bufferMode = bufferMode ?? false;
    }
  };
}

/** Ends the span when the server has answered, at the moment the command settles; the caller's promise stays as it is. */
function endWith(span: Span, command: RedisCommand, onReply?: (reply: unknown) => void): void {
  const { transformReply, reject } = command;
  command.transformReply = (reply) => {
    const result = transformReply.call(command, reply);
    onReply?.(result);
    span.end();
    return result;
  };
  command.reject = (error) => {
    if (!REDIRECTION.test(error?.message)) recordFailure(span, error);
    span.end();
    reject(error);
  };
}

const COMMAND_TEXT: Record<string, string> = {
  publish: `*3\r\n${argumentText('publish')}`,
  spublish: `*3\r\n${argumentText('spublish')}`,
};

/**
 * The whole command as it goes over the wire, in one piece: the client would first make pieces, and this is done for every
 * message. Undefined where the client has to do it: a channel of bytes need not be UTF-8.
 */
function publishBytes({ name, args }: RedisCommand, channel: string, headers: EnvelopeHeaders): Buffer | undefined {
  const text = COMMAND_TEXT[name];
  if (text === undefined || typeof args[0] !== 'string') return undefined;
  const bytes = writeEnvelope((length) => `${text}${channel}$${length}\r\n`, headers, args[1]!, 2);
  bytes[bytes.length - 2] = 13;
  bytes[bytes.length - 1] = 10;
  return bytes;
}

/** `PUBLISH channel message` and `SPUBLISH`. */
export function preparePublish({ tracer, channels }: Sender, command: RedisCommand): void {
  const { args } = command;
  const channel = nameOf(args[0]);
  if (args.length !== 2 || isPlumbing(channel)) return;
  const active = context.active();
  const { name, options, wrapped, argument } = channels.get(channel);
  const span = tracer.startSpan(name, options, active);
  recordBody(span, args[1]);
  if (wrapped) {
    const headers = new EnvelopeHeaders();
    propagation.inject(withSpan(active, span), headers, envelopeSetter);
    const bytes = publishBytes(command, argument, headers);
    if (bytes) command.toWritable = () => bytes;
    else writeInstead(command, [args[0]!, encodeEnvelope(headers, args[1]!)]);
  }
  endWith(span, command);
}

/** `LPUSH key value…` and its kin, on lists that are wrapped; other lists may be anything, and are left alone. */
export function preparePush({ tracer, lists }: Sender, command: RedisCommand): void {
  const [key, ...values] = command.args;
  const { name, options, wrapped } = lists.get(nameOf(key));
  if (!wrapped || values.length === 0) return;
  const active = context.active();
  const span = tracer.startSpan(name, options, active);
  if (values.length > 1) span.setAttribute('messaging.batch.message_count', values.length);
  else recordBody(span, values[0]);
  const headers = new EnvelopeHeaders();
  propagation.inject(withSpan(active, span), headers, envelopeSetter);
  writeInstead(command, [key!, ...values.map((value) => encodeEnvelope(headers, value))]);
  endWith(span, command);
}

/** `XADD key [options] id field value…`: three more fields at the end, beside the user's. */
export function prepareAdd({ tracer, streams }: Sender, command: RedisCommand): void {
  const { args } = command;
  const { name, options, wrapped } = streams.get(nameOf(args[0]));
  const active = context.active();
  const span = tracer.startSpan(name, options, active);
  const fields = args.slice(fieldsFrom(args));
  if (capturesContent()) recordBody(span, JSON.stringify(fields.map(nameOf)));
  // an entry without fields, or with half a field, is an error that has to stay one
  if (wrapped && fields.length > 0 && fields.length % 2 === 0 && !hasTraceFields(fields)) {
    const own = new TraceFields();
    propagation.inject(withSpan(active, span), own, headerSetter);
    if (own.isComplete) writeInstead(command, [...args, ...own.fields]);
  }
  endWith(span, command, (id) => {
    if (id && !command.inTransaction) span.setAttribute('messaging.message.id', nameOf(id as Argument));
  });
}

/** `XACK key group id…`. */
export function prepareAck({ tracer, settles }: Sender, command: RedisCommand): void {
  const [key, group, ...ids] = command.args;
  const { name, options } = settles.get(nameOf(key));
  const more: Attributes = { 'messaging.consumer.group.name': nameOf(group) };
  if (ids.length === 1) more['messaging.message.id'] = nameOf(ids[0]);
  else more['messaging.batch.message_count'] = ids.length;
  endWith(tracer.startSpan(name, options, context.active()).setAttributes(more), command);
}
