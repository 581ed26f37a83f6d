import { context, propagation, trace } from '@opentelemetry/api';
import type { Tracing } from '../../src/index.js';

/** Takes tracing away from the process, so that the next test can register its own. */
export async function stopTracing(tracing?: Tracing): Promise<void> {
  trace.disable();
  context.disable();
  propagation.disable();
  await tracing?.shutdown();
}
