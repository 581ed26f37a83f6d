import { diag, trace, type ProxyTracerProvider, type TracerProvider } from '@opentelemetry/api';

const KEY = Symbol.for('opentelemetry.js.api.1');
const REFUSED =
  'spanbus records nothing: another tracer provider is registered already (keep it and add a SpanbusSpanProcessor, or register spanbus first)';

/** What is registered, where all copies of OpenTelemetry's API find it. */
function registered(): { trace?: ProxyTracerProvider; diag?: unknown } {
  return (globalThis as { [KEY]?: ReturnType<typeof registered> })[KEY] ?? {};
}

export function isGlobal(provider: TracerProvider): boolean {
  return registered().trace?.getDelegate?.() === provider;
}

/**
 * Makes a provider OpenTelemetry's global one. Where another one is, that stays, and one line says so: to OpenTelemetry's own
 * logger, or as a warning of the process when the program has set none.
 *
 * @returns whether it is the global one now
 */
export function becomeGlobal(provider: TracerProvider): boolean {
  // asked first: the API would log a stack
  if (!registered().trace && trace.setGlobalTracerProvider(provider)) return true;
  if (registered().diag) diag.error(REFUSED);
  else process.emitWarning(REFUSED, 'SpanbusWarning');
  return false;
}
