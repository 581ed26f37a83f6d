/** How many tracings of this process capture content; one count, however many copies of this code are loaded. */
const KEY = Symbol.for('spanbus.capture-content.1');
const wishes = ((globalThis as { [KEY]?: { count: number } })[KEY] ??= { count: 0 });

/** Whether OpenTelemetry's environment variable asks for prompts and replies. */
export function contentFromEnvironment(env: Record<string, string | undefined> = process.env): boolean {
  return env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim().toLowerCase() === 'true';
}

/**
 * Whether anybody wants prompts, replies, tool arguments and message bodies: who would have to write them out first asks here.
 * Whether they are stored is decided again where a span ends.
 */
export function capturesContent(): boolean {
  return wishes.count > 0;
}

/** @returns a function that takes the wish back */
export function wantContent(): () => void {
  wishes.count++;
  let wanted = true;
  return () => {
    if (wanted) wishes.count--;
    wanted = false;
  };
}
