/** Hours that are built in one go, or one hour in several parts when it is too big for that. */
export interface Batch {
  /** Unix times in seconds. */
  hours: number[];
  parts: number;
  /** A trace with more spans is left out; Infinity when there can be none. */
  mostSpans: number;
}

/** What is known of an hour before it is built. */
export interface HourEstimate {
  /** Unix time in seconds. */
  hour: number;
  spans: number;
  /** No trace has more, as far as is known. */
  biggest: number;
}

/**
 * Puts hours together as long as their spans fit into one build; an hour that is too big is built in parts, and where a trace may have more
 * than `mostSpans` it is looked for, which takes a look at all of them.
 */
export function plan(hours: readonly HourEstimate[], spansPerBuild: number, mostSpans = spansPerBuild): Batch[] {
  const batches: Batch[] = [];
  let open = { hours: [] as number[], spans: 0, biggest: 0 };
  const close = () => {
    if (open.hours.length > 0)
      batches.push({
        hours: open.hours,
        parts: Math.max(1, Math.ceil(open.spans / spansPerBuild)),
        mostSpans: open.biggest > mostSpans ? mostSpans : Infinity,
      });
    open = { hours: [], spans: 0, biggest: 0 };
  };
  for (const { hour, spans, biggest } of hours) {
    if (open.spans + spans > spansPerBuild) close();
    open.hours.push(hour);
    open.spans += spans;
    // late spans of a trace may have been counted with a later hour
    open.biggest += biggest;
  }
  close();
  return batches;
}
