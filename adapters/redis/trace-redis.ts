import { diag, trace } from '@opentelemetry/api';
import { Destinations, isPlumbing, serverAttributes } from './destination.js';
import { facade } from './facade.js';
import { carryKeeps } from './keeps.js';
import { findValue, looksForValue, valuesOf } from './list-values.js';
import { MessageEvents } from './messages.js';
import { wrapTests, type TraceRedisOptions } from './options.js';
import { runListeners, startProcessing } from './process.js';
import { prepareRead, prepareTransactionRead, remember, type Reading } from './receive.js';
import { prepareAck, prepareAdd, preparePublish, preparePush, writeInstead, type Sender } from './send.js';
import type { RedisCommand, RedisLike, RedisPipeline } from './types.js';

const SENDS: Record<string, (sender: Sender, command: RedisCommand) => void> = {
  publish: preparePublish,
  spublish: preparePublish,
  lpush: preparePush,
  rpush: preparePush,
  lpushx: preparePush,
  rpushx: preparePush,
  xadd: prepareAdd,
  xack: prepareAck,
};

const fronts = new WeakMap<object, RedisLike>();

/** The client behind a traced one; a client that is not traced is its own. */
export const untraced = (client: object): RedisLike => fronts.get(client) ?? (client as RedisLike);

/**
 * The same client with messages traced: what it publishes, pushes and adds, and what it receives, across processes. Its
 * duplicates are traced too. The client that is given stays as it is.
 *
 * @param options where trace context is written: nowhere, unless it says so
 *
 * @example
 * const redis = traceRedis(new Redis(url), { wrap: { channels: ['agents:*'], streams: true } });
 */
export function traceRedis<T extends object>(client: T, options: TraceRedisOptions = {}): T {
  if (fronts.has(client)) return client;
  const target = client as unknown as RedisLike;
  const tracer = (options.tracerProvider ?? trace).getTracer('spanbus/redis');
  const common = serverAttributes(target);
  const wraps = wrapTests(options);
  const sender: Sender = {
    tracer,
    channels: new Destinations('publish', common, wraps.channels),
    lists: new Destinations('publish', common, wraps.lists),
    streams: new Destinations('publish', common, wraps.streams),
    settles: new Destinations('settle', common),
  };
  const processes = new Destinations('process', common);
  const values = valuesOf(target);
  /** Commands since a MULTI that is not a pipeline. */
  let transaction: string[] | undefined;

  /** Makes a command ready to be sent; whatever goes wrong here, it is sent as it was. */
  function prepare(command: RedisCommand, alone: boolean): Reading | undefined {
    try {
      const { name: given } = command;
      const name = given.charCodeAt(0) < 97 ? given.toLowerCase() : given;
      const send = Object.hasOwn(SENDS, name) ? SENDS[name] : undefined;
      if (send) send(sender, command);
      else if (alone && name === 'multi') transaction = [];
      else if (alone && transaction && (name === 'exec' || name === 'discard')) {
        if (name === 'exec') prepareTransactionRead(transaction, target, command);
        transaction = undefined;
        return undefined;
      }
      if (alone && transaction && name !== 'multi') transaction.push(name);
      if (looksForValue(name)) findValue(values, name, command, writeInstead);
      return send ? undefined : prepareRead(name, target, values, command);
    } catch (error) {
      diag.error('spanbus: could not trace a Redis command', error);
      return undefined;
    }
  }

  /** A pipeline's commands are prepared when they are queued: there the caller's context is current, later it is not. */
  function prepared<P extends RedisPipeline>(pipeline: P): P {
    const send = pipeline.sendCommand;
    const known = new Set<RedisCommand>();
    pipeline.sendCommand = (command) => {
      // a cluster's pipeline sends its commands again when slots have moved
      if (!known.has(command)) prepare(command, false);
      known.add(command);
      return send.call(pipeline, command);
    };
    return pipeline;
  }

  const events = new MessageEvents(target, (channel, envelope, listeners) => {
    if (isPlumbing(channel)) listeners();
    else runListeners(startProcessing(tracer, processes.get(channel), envelope), listeners);
  });

  const front: RedisLike = facade(target, {
    ...events.overrides(() => front),
    sendCommand(command: RedisCommand, stream?: unknown, node?: unknown) {
      // commands of a pipeline come with its stream
      const reading = stream === undefined ? prepare(command, true) : undefined;
      const answer = target.sendCommand(command, stream, node);
      if (reading) remember(answer, reading);
      return answer;
    },
    pipeline(commands?: unknown[][]) {
      return addBatch(prepared(target.pipeline.call(front)), commands);
    },
    multi(commands?: unknown, given?: unknown) {
      const batch = Array.isArray(commands) ? (commands as unknown[][]) : undefined;
      const multi = target.multi.call(front, null, batch ? given : (given ?? commands));
      return multi instanceof Promise ? multi : addBatch(prepared(multi), batch);
    },
    // one connection carries the process's keeps: a duplicate need not
    duplicate: (...args: unknown[]) => traceRedis(target.duplicate(...args), { ...options, keepChannel: false }),
    // commands that are pipelined by themselves must not meet those of the client behind
    _autoPipelines: new Map(),
    _runningAutoPipelines: new Set(),
    get autoPipelineQueueSize() {
      const pipelines = (front as unknown as { _autoPipelines: Map<string, { length: number }> })._autoPipelines;
      return [...pipelines.values()].reduce((sum, pipeline) => sum + pipeline.length, 0);
    },
  });
  fronts.set(front, target);
  const { wrap = false, keepChannel = 'spanbus:keep' } = options;
  if (wrap !== false && keepChannel !== false) carryKeeps(target, keepChannel);
  return front as unknown as T;
}

function addBatch<P extends RedisPipeline>(pipeline: P, commands: unknown[][] | undefined): P {
  if (Array.isArray(commands)) (pipeline as P & { addBatch(c: unknown[][]): unknown }).addBatch(commands);
  return pipeline;
}
