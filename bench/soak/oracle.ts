import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What the processes saw, before any sampling. */
export interface Oracle {
  traces: number;
  spans: number;
  /** Span ids of every failing trace, each with the process that ended it. */
  failing: Map<string, Map<string, string>>;
  /** True counts by service and span name. */
  calls: Map<string, number>;
  /** From the decision to keep to its arrival in another process, ms. */
  keepLagMs: number[];
  /** Each process's own counters at its end; a process that was killed left none. */
  stats: Map<string, Record<string, unknown>>;
}

async function* lines(file: string): AsyncGenerator<string[]> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
    yield line.split(' ');
}

/** Reads the logs twice: first for the failing traces, then for their spans, so memory holds only those. */
export async function readOracle(logs: Map<string, string>): Promise<Oracle> {
  const failing = new Map<string, Map<string, string>>();
  const calls = new Map<string, number>();
  const roots = new Set<string>();
  const keptAt = new Map<string, number>();
  const heardAt: [string, number][] = [];
  const stats = new Map<string, Record<string, unknown>>();
  let spans = 0;
  for (const [service, file] of logs) {
    for await (const [kind, ...rest] of lines(file)) {
      if (kind === 'S') {
        spans++;
        const [traceId = '', , failed, ...name] = rest;
        if (failed === '1' && !failing.has(traceId)) failing.set(traceId, new Map());
        const key = `${service} ${name.join(' ')}`;
        calls.set(key, (calls.get(key) ?? 0) + 1);
        if (service === 'gateway' && name[0] === 'invoke_agent') roots.add(traceId);
      } else if (kind === 'K') {
        const at = Number(rest[1]);
        keptAt.set(rest[0]!, Math.min(at, keptAt.get(rest[0]!) ?? Infinity));
      } else if (kind === 'H') {
        heardAt.push([rest[0]!, Number(rest[1])]);
      } else if (kind === 'T') {
        stats.set(service, JSON.parse(rest.join(' ')) as Record<string, unknown>);
      }
    }
  }
  for (const [service, file] of logs) {
    for await (const [kind, traceId = '', spanId = ''] of lines(file)) {
      if (kind === 'S') failing.get(traceId)?.set(spanId, service);
    }
  }
  const keepLagMs = heardAt.flatMap(([id, at]) => (keptAt.has(id) ? [Math.max(0, at - keptAt.get(id)!)] : []));
  return { traces: roots.size, spans, failing, calls, keepLagMs, stats };
}
