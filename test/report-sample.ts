import { type Flames } from '../src/report/report-page.js';
import {
  type CallGraph,
  type GraphEdge,
  type GraphNode,
  type Stack,
  type Trace,
  type TraceSpan,
  type TraceSummary,
} from '../src/report/model.js';

const ms = 1e6;

/** Everything a report needs, derived from made-up runs of a writing team. */
export interface Sample {
  graph: CallGraph;
  flames: Flames;
  traces: Trace[];
  slowest: TraceSummary[];
  failed: TraceSummary[];
}

/** Believable data: a planner, three researchers, a writer, a critic, tools, model calls and failures. Equal seeds give equal data. */
export function sampleRuns(runs: number, seed = 1): Sample {
  const random = randomNumbers(seed);
  return sampleOf(Array.from({ length: runs }, (_, run) => teamRun(run, random, seed)));
}

/** What the jobs would compute from these traces, in a simple way. */
export function sampleOf(traces: Trace[]): Sample {
  const summaries = traces.map(summary);
  const stacks = (weight: (trace: Trace) => Map<TraceSpan, number>) => {
    const lists: { spans: Stack[]; agents: Stack[] } = { spans: [], agents: [] };
    for (const trace of traces) {
      const values = weight(trace);
      for (const span of trace.spans) {
        const value = values.get(span) ?? 0;
        if (value === 0) continue;
        const path = pathOf(trace, span);
        lists.spans.push({ frames: path.map((one) => `${one.agent}: ${one.name}`), value });
        lists.agents.push({
          frames: path.map((one) => one.agent).filter((agent, i, all) => agent !== all[i - 1]),
          value,
        });
      }
    }
    return { spans: merged(lists.spans), agents: merged(lists.agents) };
  };
  const each = (value: (span: TraceSpan) => number) => (trace: Trace) =>
    new Map(trace.spans.map((span) => [span, value(span)]));
  return {
    graph: graphOf(traces),
    flames: {
      self: stacks(selfTimes),
      critical: stacks(criticalTimes),
      tokens: stacks(each((span) => span.inputTokens + span.outputTokens)),
      errors: stacks(each((span) => (span.status === 'Error' ? 1 : 0))),
      calls: stacks(each(() => 1)),
    },
    traces,
    slowest: [...summaries].sort((a, b) => b.durationNs - a.durationNs).slice(0, 8),
    failed: summaries.filter(({ errors }) => errors > 0).slice(0, 8),
  };
}

/** A span with everything that is not given empty. */
export function span(parts: Partial<TraceSpan> & { spanId: string }): TraceSpan {
  return {
    parentSpanId: '',
    name: 'work',
    kind: 'Internal',
    service: parts.agent ?? 'agent',
    agent: 'agent',
    startNs: 0,
    durationNs: ms,
    status: 'Unset',
    statusMessage: '',
    attributes: {},
    events: [],
    links: [],
    inputTokens: 0,
    outputTokens: 0,
    keepReason: '',
    missingParent: false,
    ...parts,
  };
}

function teamRun(run: number, random: () => number, seed: number): Trace {
  const spans: TraceSpan[] = [];
  const between = (low: number, high: number) => Math.round(low + random() * (high - low)) * ms;
  const id = () => (spans.length + 1).toString(16).padStart(16, '0');
  const add = (parts: Partial<TraceSpan>, parent?: TraceSpan): TraceSpan => {
    const made = span({ spanId: id(), parentSpanId: parent?.spanId ?? '', agent: parent?.agent ?? '', ...parts });
    spans.push(made);
    return made;
  };
  const end = (one: TraceSpan) => one.startNs + one.durationNs;
  const model = (parent: TraceSpan, at: number, name: string, input: number, output: number) =>
    add(
      {
        name: `chat ${name}`,
        kind: 'Client',
        startNs: at,
        durationNs: between(300, 1400) + output * ms,
        inputTokens: Math.round(input * (0.7 + random() * 0.6)),
        outputTokens: Math.round(output * (0.7 + random() * 0.6)),
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': name, 'gen_ai.provider.name': 'openai' },
      },
      parent,
    );
  const fail = (one: TraceSpan, type: string, message: string) => {
    one.status = 'Error';
    one.statusMessage = message;
    one.attributes = { ...one.attributes, 'error.type': type };
    const attributes = {
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': `${type}: ${message}\n    at fetch (tools.js:12:9)`,
    };
    one.events = [...one.events, { name: 'exception', atNs: end(one), attributes }];
  };
  /** A request over the bus and the span that answers it. */
  const ask = (parent: TraceSpan, at: number, agent: string, work: (handler: TraceSpan, at: number) => number) => {
    const subject = `agents.${agent}.ask`;
    const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': subject };
    const request = add({ name: `request ${subject}`, kind: 'Client', startNs: at, attributes }, parent);
    const handler = add(
      { name: `process ${subject}`, kind: 'Server', agent, service: agent, startNs: at + between(1, 9), attributes },
      request,
    );
    const done = work(handler, handler.startNs + 2 * ms);
    handler.durationNs = done + 3 * ms - handler.startNs;
    request.durationNs = end(handler) + between(1, 4) - request.startNs;
    return request;
  };

  const root = add({ name: 'invoke_agent planner', kind: 'Internal', agent: 'planner', service: 'planner' });
  root.events = [
    {
      name: 'plan',
      atNs: 4 * ms,
      attributes: { text: 'Ask three researchers at once, then write, then let the critic read it.' },
    },
  ];
  const plan = model(root, 5 * ms, 'gpt-5-mini', 900, 220);
  const research = ['web', 'papers', 'news'].map((topic, i) =>
    ask(root, end(plan) + (i + 1) * 3 * ms, `researcher-${topic}`, (handler, at) => {
      const first = model(handler, at, 'gpt-5-mini', 1400, 180);
      const tool = add(
        {
          name: topic === 'papers' ? 'execute_tool search_papers' : 'execute_tool web_search',
          startNs: end(first),
          durationNs: between(200, topic === 'papers' ? 2600 : 1100),
          attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': topic },
        },
        handler,
      );
      if (topic === 'papers' && random() < 0.25) {
        fail(tool, 'HttpError', '503 from the paper index, gave up after 3 tries');
        tool.keepReason = 'error';
      }
      return end(model(handler, end(tool), 'gpt-5-mini', 3800, 420));
    }),
  );
  const written = ask(root, Math.max(...research.map(end)) + 5 * ms, 'writer', (handler, at) => {
    let last = model(handler, at, 'gpt-5', 6200, 1500);
    const reviews = random() < 0.4 ? 2 : 1;
    for (let round = 0; round < reviews; round++) {
      const review = ask(handler, end(last) + ms, 'critic', (critic, start) =>
        end(model(critic, start, 'gpt-5', 2100, 260)),
      );
      last = model(handler, end(review) + ms, 'gpt-5', 3000, 600);
    }
    return end(last);
  });
  let finished = end(written);
  if (random() < 0.12) {
    const notify = add(
      {
        name: 'request agents.archive.put',
        kind: 'Client',
        startNs: finished,
        durationNs: 4 * ms,
        attributes: { 'messaging.destination.name': 'agents.archive.put' },
      },
      root,
    );
    fail(notify, 'NoRespondersError', 'no responders on agents.archive.put');
    notify.keepReason = 'error';
    finished = end(notify);
  }
  root.durationNs = finished + 4 * ms;
  return {
    traceId: (seed * 1e6 + run + 1).toString(16).padStart(32, '4bf92f3577b34da6a3ce929d'),
    startTime: new Date(Date.UTC(2026, 10, 22, 8, run % 60, 7)).toISOString(),
    spans,
  };
}

function pathOf(trace: Trace, of: TraceSpan): TraceSpan[] {
  const byId = new Map(trace.spans.map((one) => [one.spanId, one]));
  const path: TraceSpan[] = [];
  for (let at: TraceSpan | undefined = of; at !== undefined; at = byId.get(at.parentSpanId)) path.unshift(at);
  return path;
}

function childrenOf(trace: Trace, of: TraceSpan): TraceSpan[] {
  return trace.spans.filter((one) => one.parentSpanId === of.spanId);
}

function selfTimes(trace: Trace): Map<TraceSpan, number> {
  return new Map(
    trace.spans.map((one) => {
      let covered = 0;
      let reached = one.startNs;
      for (const child of childrenOf(trace, one).sort((a, b) => a.startNs - b.startNs)) {
        const to = Math.min(one.startNs + one.durationNs, child.startNs + child.durationNs);
        covered += Math.max(0, to - Math.max(reached, child.startNs));
        reached = Math.max(reached, to);
      }
      return [one, one.durationNs - covered];
    }),
  );
}

function criticalTimes(trace: Trace): Map<TraceSpan, number> {
  const values = new Map<TraceSpan, number>();
  const walk = (one: TraceSpan) => {
    let cursor = one.startNs + one.durationNs;
    let own = one.durationNs;
    const latestFirst = childrenOf(trace, one).sort((a, b) => b.startNs + b.durationNs - a.startNs - a.durationNs);
    for (const child of latestFirst) {
      if (child.startNs + child.durationNs > cursor) continue;
      own -= child.durationNs;
      cursor = child.startNs;
      walk(child);
    }
    values.set(one, own);
  };
  trace.spans.filter(({ parentSpanId }) => parentSpanId === '').forEach(walk);
  return values;
}

function merged(stacks: Stack[]): Stack[] {
  const sums = new Map<string, Stack>();
  for (const { frames, value } of stacks) {
    const key = JSON.stringify(frames);
    const sum = sums.get(key);
    if (sum) sum.value += value;
    else sums.set(key, { frames, value });
  }
  return [...sums.values()];
}

function graphOf(traces: Trace[]): CallGraph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, { edge: GraphEdge; durations: number[] }>();
  for (const trace of traces) {
    const self = selfTimes(trace);
    for (const one of trace.spans) {
      const node = nodes.get(one.agent) ?? {
        agent: one.agent,
        spans: 0,
        errors: 0,
        selfNs: 0,
        inputTokens: 0,
        outputTokens: 0,
      };
      node.spans++;
      node.errors += one.status === 'Error' ? 1 : 0;
      node.selfNs += self.get(one) ?? 0;
      node.inputTokens += one.inputTokens;
      node.outputTokens += one.outputTokens;
      nodes.set(one.agent, node);

      const parent = trace.spans.find(({ spanId }) => spanId === one.parentSpanId);
      const virtual = one.kind === 'Client' && one.status === 'Error' && childrenOf(trace, one).length === 0;
      if (!virtual && parent?.agent === one.agent) continue;
      const caller = virtual ? one.agent : (parent?.agent ?? '(root)');
      const callee = virtual ? (one.attributes['messaging.destination.name'] ?? '') : one.agent;
      const key = `${caller} ${callee}`;
      const found = edges.get(key) ?? {
        edge: { caller, callee, calls: 0, errors: 0, p50Ns: 0, p95Ns: 0, p99Ns: 0, queueP50Ns: 0, virtual },
        durations: [],
      };
      found.edge.calls++;
      found.edge.errors += one.status === 'Error' ? 1 : 0;
      found.edge.queueP50Ns = parent ? one.startNs - parent.startNs : 0;
      found.durations.push(one.durationNs);
      edges.set(key, found);
    }
  }
  for (const { edge, durations } of edges.values()) {
    const sorted = durations.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    Object.assign(edge, { p50Ns: at(0.5), p95Ns: at(0.95), p99Ns: at(0.99) });
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()].map(({ edge }) => edge) };
}

function summary(trace: Trace): TraceSummary {
  const root = trace.spans[0];
  const sum = (pick: (one: TraceSpan) => number) => trace.spans.reduce((total, one) => total + pick(one), 0);
  return {
    traceId: trace.traceId,
    startTime: trace.startTime,
    rootName: root?.name ?? '',
    rootAgent: root?.agent ?? '',
    durationNs: root?.durationNs ?? 0,
    spans: trace.spans.length,
    agents: new Set(trace.spans.map((one) => one.agent)).size,
    errors: trace.spans.filter((one) => one.status === 'Error').length,
    inputTokens: sum((one) => one.inputTokens),
    outputTokens: sum((one) => one.outputTokens),
    keepReason: trace.spans.find((one) => one.keepReason !== '')?.keepReason ?? '',
    complete: true,
    whyIncomplete: '',
    missedBy: [],
  };
}

/** mulberry32: small, fast, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
