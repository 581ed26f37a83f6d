import { type FlameData } from './flame-data.js';
import { type Trace } from './model.js';

/** What a flame graph's page carries for its script. */
export interface FlamePageData {
  flames: { span?: FlameData; agent?: FlameData };
  /** In the order that gives them their colours. */
  agents: string[];
}

/** A trace in a page, and what was cut from it, in words to show. */
export interface PageTrace {
  trace: Trace;
  notes: string[];
}

export interface TracePageData {
  trace: PageTrace;
  agents: string[];
}

export interface ReportPageData extends FlamePageData {
  traces: PageTrace[];
}
