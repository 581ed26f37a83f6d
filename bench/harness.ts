import { cpus, totalmem } from 'node:os';
import Table from 'cli-table3';

/** A measured quantity: one value per round. */
export interface Row {
  name: string;
  unit: string;
  values: number[];
}

/** A figure with a limit: `op` says on which side of it the value has to be. */
export interface Target {
  name: string;
  value: number;
  op: '<=' | '>=';
  limit: number;
}

export interface Report {
  name: string;
  rounds: number;
  rows: Row[];
  targets: Target[];
}

export interface BenchOptions {
  rounds: number;
  /** Smaller inputs: to see that the bench works, not what it measures. */
  quick: boolean;
}

/** A bench: `bench/NAME.bench.ts` exports it as `bench`. */
export type Bench = (options: BenchOptions) => Promise<Report>;

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of the ratios of two rows, round by round: what the machine does in a round, it does to both. */
export function ratio(a: Row, b: Row): number {
  return median(a.values.map((value, i) => value / b.values[i]!));
}

const round = (value: number): number => Number(value.toPrecision(4));

/** Prints the report as a table, and with `json` as one object on the last line of stdout. */
export function print(report: Report, json: boolean): boolean {
  const targets = report.targets.map((t) => ({ ...t, ok: t.op === '<=' ? t.value <= t.limit : t.value >= t.limit }));
  const rows = report.rows.map(({ name, unit, values }) => ({
    name,
    unit,
    median: round(median(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
  }));
  const measured = new Table({ head: [report.name, 'median', 'min', 'max', 'unit'], style: { head: [], border: [] } });
  for (const r of rows) measured.push([r.name, r.median, r.min, r.max, r.unit]);
  const checked = new Table({ head: ['target', 'value', 'limit', ''], style: { head: [], border: [] } });
  for (const t of targets) checked.push([t.name, round(t.value), `${t.op} ${t.limit}`, t.ok ? 'ok' : 'MISSED']);
  process.stdout.write(`${measured.toString()}\n${targets.length > 0 ? `${checked.toString()}\n` : ''}`);
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  if (json) {
    const line = { name: report.name, machine, rounds: report.rounds, rows, targets };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  return targets.every((t) => t.ok);
}
