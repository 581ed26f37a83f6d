import { type TraceSpan } from '../model.js';
import { formatCount, formatDuration, visible, visibleLines } from '../text.js';
import { element } from './dom.js';

/** Everything known about one span: times, status, tokens, attributes, events, links. */
export function spanFacts(span: TraceSpan, traceStartNs: number): HTMLElement {
  const facts = element('div', 'facts');
  const own: [string, string][] = [
    ['Agent', span.agent],
    ['Service', span.service],
    ['Span', span.name],
    ['Kind', span.kind],
    ['Status', span.statusMessage === '' ? span.status : `${span.status}: ${span.statusMessage}`],
    ['Started', `${formatDuration(span.startNs - traceStartNs)} after the trace`],
    ['Took', formatDuration(span.durationNs)],
    ['Span id', span.spanId],
    ['Parent', span.parentSpanId === '' ? 'none' : span.parentSpanId],
  ];
  if (span.inputTokens > 0 || span.outputTokens > 0) {
    own.push(['Tokens', `${formatCount(span.inputTokens)} in, ${formatCount(span.outputTokens)} out`]);
  }
  if (span.keepReason !== '') own.push(['Kept because of', span.keepReason]);
  facts.append(definitions(own));
  section(
    facts,
    'Attributes',
    [definitions(Object.entries(span.attributes).sort())],
    Object.keys(span.attributes).length,
  );
  section(
    facts,
    'Events',
    span.events.map(({ name, atNs, attributes }) => {
      const at = ` at ${formatDuration(atNs - traceStartNs)}`;
      return element(
        'div',
        'event',
        element('bdi', 'event-name', visible(name)),
        at,
        definitions(Object.entries(attributes)),
      );
    }),
    span.events.length,
  );
  const links = span.links.map(({ traceId, spanId }): [string, string] => ['Trace and span', `${traceId} ${spanId}`]);
  section(facts, 'Links', [definitions(links)], links.length);
  return facts;
}

function section(facts: HTMLElement, title: string, content: HTMLElement[], count: number): void {
  if (count > 0) facts.append(element('h4', '', title), ...content);
}

function definitions(entries: [string, string][]): HTMLElement {
  const list = element('dl');
  for (const [term, value] of entries)
    list.append(element('dt', '', visible(term)), element('dd', '', visibleLines(value)));
  return list;
}
