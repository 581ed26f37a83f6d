/** What a job can ask to be prepared before it fills its sums. */
export type Need = 'calls' | 'covered' | 'usage' | 'cost' | 'critical' | 'paths' | 'ids';

/** One aggregation job: the files `jobs/<name>/{create,fill,pack}.sql` and the table that it publishes to. */
export interface Job {
  name: string;
  about: string;
  /** One row per hour, with the columns hour, version and rows_in. */
  table: string;
  /** An array column of the table: its length is the number of rows that the job made. */
  rows: string;
  needs: readonly Need[];
}

/** Whether no job looks further than at parents: then no trees are built, whose rows take more than twice the memory. */
export function lookAtParentsOnly(of: readonly Job[]): boolean {
  return of.length > 0 && of.every(({ needs }) => needs.every((need) => need === 'calls'));
}

/** All jobs. Each stands alone: it reads the staged trees and publishes hours of its own table. */
export const jobs: readonly Job[] = [
  { name: 'edges', about: 'call graph edges', table: 'edges_by_hour', rows: 'caller', needs: ['calls'] },
  {
    name: 'stacks',
    about: 'self time, tokens, errors and calls by stack',
    table: 'stacks_by_hour',
    rows: 'path',
    needs: ['covered', 'usage', 'paths'],
  },
  {
    name: 'critical',
    about: 'time on the critical path by stack',
    table: 'critical_by_hour',
    rows: 'path',
    needs: ['critical', 'paths'],
  },
  {
    name: 'agents',
    about: 'calls, errors, latency, self time, tokens and cost by agent',
    table: 'agents_by_hour',
    rows: 'agent',
    needs: ['covered', 'usage', 'cost'],
  },
  { name: 'traces', about: 'every trace in short', table: 'traces_by_hour', rows: 'trace_id', needs: ['usage', 'ids'] },
];
