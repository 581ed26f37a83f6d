import { context, createContextKey, trace } from '@opentelemetry/api';
import { InvalidOptionError } from '../errors.js';
import { invokeAgent, type AgentInfo } from './spans.js';

export interface TraceAgentOptions<Agent> extends AgentInfo {
  /** Those that run the agent. @default ['invoke'] */
  methods?: readonly (keyof Agent & string)[] | undefined;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The agent whose method runs, with that method's span: calls between methods of one agent are one invocation. */
const RUNNING = createContextKey('spanbus running agent');
const traced = new WeakSet<Method>();

/**
 * Traces an agent: every call of `invoke`, or of the methods named, is a span `invoke_agent {name}`, failed by what it throws,
 * ended when its result is complete. Results and errors are untouched; a streamed answer's span ends with its last chunk.
 *
 * @returns the same object, whose methods were replaced
 * @throws InvalidOptionError for a method that the agent does not have, or cannot have replaced
 *
 * @example
 * const planner = traceAgent(createReactAgent({ llm, tools }), { name: 'planner', methods: ['invoke', 'stream'] });
 */
export function traceAgent<Agent extends object>(agent: Agent, options: TraceAgentOptions<Agent>): Agent {
  const { methods = ['invoke' as keyof Agent & string], ...info } = options;
  if (!info.name) throw new InvalidOptionError('name', 'an agent needs one');
  for (const name of methods) {
    const method = agent[name] as unknown;
    if (typeof method !== 'function') throw new InvalidOptionError('methods', `the agent has no method "${name}"`);
    if (traced.has(method as Method)) continue;
    const value = tracedMethod(agent, method as Method, info);
    const { enumerable = false } = Object.getOwnPropertyDescriptor(agent, name) ?? {};
    if (!Reflect.defineProperty(agent, name, { value, enumerable, writable: true, configurable: true })) {
      throw new InvalidOptionError('methods', `"${name}" of the agent cannot be replaced`);
    }
  }
  return agent;
}

function tracedMethod(agent: object, method: Method, info: AgentInfo): Method {
  const run: Method = function (...args) {
    const active = context.active();
    const running = active.getValue(RUNNING) as { agent: object; span: unknown } | undefined;
    const itself = running?.agent === agent && running.span === trace.getSpan(active);
    if (itself) return method.apply(this, args);
    return invokeAgent(
      info,
      (span) => context.with(context.active().setValue(RUNNING, { agent, span }), () => method.apply(this, args)),
      args[0],
    );
  };
  Object.defineProperties(run, { name: { value: method.name }, length: { value: method.length } });
  traced.add(run);
  return run;
}
