import { trace, type Span } from '@opentelemetry/api';
import { capturesContent } from '../content/capture-switch.js';
import { attempt } from './ignored.js';

/** A value as content: text as it is, all else as JSON; undefined for what has no JSON. */
function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  } catch {
    return undefined;
  }
}

/** Puts content on a span, when anybody wants it: whoever stores the span moves it out of the attributes. */
export function setContent(span: Span, key: string, value: unknown): void {
  if (value === undefined || !capturesContent() || !span.isRecording()) return;
  const text = toText(value);
  if (text !== undefined) span.setAttribute(key, text);
}

/** What was said to a model or agent and what it said. */
export interface Messages {
  /** @example [{ role: 'user', parts: [{ type: 'text', content: 'How do otters sleep?' }] }] */
  input?: unknown;
  output?: unknown;
  system?: unknown;
}

/** Notes the messages of the active span's model call; does nothing unless content is captured. */
export function recordMessages(messages: Messages): void {
  if (!capturesContent()) return;
  const span = trace.getActiveSpan();
  if (!span) return;
  attempt('recordMessages', () => {
    const { input, output, system } = messages;
    setContent(span, 'gen_ai.input.messages', input);
    setContent(span, 'gen_ai.output.messages', output);
    setContent(span, 'gen_ai.system_instructions', system);
  });
}

/** A result as content: chunks of text are one text. */
export function setResult(span: Span, key: string, value: unknown): void {
  const isText = Array.isArray(value) && value.length > 0 && value.every((chunk) => typeof chunk === 'string');
  setContent(span, key, isText ? value.join('') : value);
}
