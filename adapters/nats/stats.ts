/** Why a message left without our headers: its span is there, its receiver starts a new trace. */
export type OmittedReason = 'max_payload' | 'no_header_support';

/** Counts since the start of the process. */
export interface NatsStats {
  /** Messages that were sent without trace headers, as they would have been without tracing. */
  readonly omitted: Readonly<Record<OmittedReason, number>>;
}

const omitted: Record<OmittedReason, number> = { max_payload: 0, no_header_support: 0 };

export function countOmitted(reason: OmittedReason): void {
  omitted[reason]++;
}

/** What the NATS adapter of this process could not do. */
export function natsStats(): NatsStats {
  return { omitted: { ...omitted } };
}
