import { diag, trace } from '@opentelemetry/api';
import { Destinations, isPlumbing, serverAttributes } from './destination.js';
import { facade } from './facade.js';
import { carryKeeps } from './keeps.js';
import { findValue, VALUE_COMMANDS, valuesOf, type ListValues } from './list-values.js';
import { MessageEvents } from './messages.js';
import { wrapTests, type TraceRedisOptions } from './options.js';
import { callListeners, startProcessing, type Processing } from './process.js';
import { prepareRead, READS, remember, type Reading } from './receive.js';
import { Transaction } from './transaction.js';
import { prepareAck, prepareAdd, preparePublish, preparePush, writeInstead, type Sender } from './send.js';
import type { RedisCommand, RedisLike, RedisPipeline } from './types.js';

/** What a traced client has that its commands are prepared with. */
interface Traced extends Sender {
  readonly client: RedisLike;
  readonly values: ListValues;
}

/** Makes a command ready to be sent. @returns what it is going to read, if it reads messages */
type Prepare = (traced: Traced, command: RedisCommand, name: string) => Reading | undefined;

const send =
  (prepare: (sender: Sender, command: RedisCommand) => void): Prepare =>
  (traced, command) =>
    void prepare(traced, command);
const read: Prepare = ({ client, values }, command, name) => prepareRead(name, client, values, command);
const find: Prepare = ({ values }, command, name) => void findValue(values, name, command, writeInstead);

/** All commands that move messages; every other one takes a look into this map, and is left alone. */
const PREPARES = new Map<string, Prepare>([
  ...['publish', 'spublish'].map((name) => [name, send(preparePublish)] as const),
  ...['lpush', 'rpush', 'lpushx', 'rpushx'].map((name) => [name, send(preparePush)] as const),
  ['xadd', send(prepareAdd)],
  ['xack', send(prepareAck)],
  ...READS.map((name) => [name, read] as const),
  ...VALUE_COMMANDS.map((name) => [name, find] as const),
]);

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
  const traced: Traced = {
    client: target,
    tracer,
    channels: new Destinations('publish', common, wraps.channels),
    lists: new Destinations('publish', common, wraps.lists),
    streams: new Destinations('publish', common, wraps.streams),
    settles: new Destinations('settle', common),
    values: valuesOf(target),
  };
  const processes = new Destinations('process', common);
  const transaction = new Transaction(target);

  /** Whatever goes wrong here, the command is sent as it was. */
  function prepare(command: RedisCommand): Reading | undefined {
    try {
      const { name: given } = command;
      const name = given.charCodeAt(0) < 97 ? given.toLowerCase() : given;
      return PREPARES.get(name)?.(traced, command, name);
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
      if (!known.has(command)) prepare(command);
      known.add(command);
      return send.call(pipeline, command);
    };
    return pipeline;
  }

  const events = new MessageEvents(target, (channel, envelope, call) => {
    let processing: Processing | undefined;
    try {
      if (!isPlumbing(channel)) processing = startProcessing(tracer, processes.get(channel), envelope);
    } catch (error) {
      diag.error('spanbus: could not trace a Redis message', error);
    }
    if (processing) callListeners(processing, call);
    else call();
  });

  const front: RedisLike = facade(target, {
    ...events.overrides(() => front),
    sendCommand(command: RedisCommand, stream?: unknown, node?: unknown) {
      // commands of a pipeline come with its stream
      const reading = stream === undefined ? prepare(command) : undefined;
      if (stream === undefined) transaction.watch(command);
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
