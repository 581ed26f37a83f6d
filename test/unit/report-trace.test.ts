import { describe, expect, it } from 'vitest';
import { type Trace, tracesTable, traceHtml, traceJson, traceTree } from '../../src/report/index.js';
import { traceRows, traceTotals } from '../../src/report/trace-rows.js';
import { sampleRuns, span } from '../report-sample.js';

const traceOf = (spans: Trace['spans']): Trace => ({
  traceId: 'a'.repeat(32),
  startTime: '2026-11-22T08:00:00Z',
  spans,
});
const chain = (length: number) =>
  traceOf(
    Array.from({ length }, (_, i) => span({ spanId: `s${i}`, parentSpanId: i === 0 ? '' : `s${i - 1}`, startNs: i })),
  );

describe('rows of a trace', () => {
  it('come parents first, siblings by start, every span once', () => {
    const spans = [
      span({ spanId: 'late', parentSpanId: 'root', startNs: 20 }),
      span({ spanId: 'early', parentSpanId: 'root', startNs: 10 }),
      span({ spanId: 'below', parentSpanId: 'early', startNs: 5 }),
      span({ spanId: 'root' }),
      span({ spanId: 'orphan', parentSpanId: 'nowhere', startNs: 30, missingParent: true }),
    ];
    expect(traceRows(traceOf(spans)).map((row) => `${row.depth} ${row.span.spanId}`)).toEqual([
      '0 root',
      '1 early',
      '2 below',
      '1 late',
      '0 orphan',
    ]);
  });

  it('end at a cycle, whose earliest span counts as a root', () => {
    const spans = [
      span({ spanId: 'a', parentSpanId: 'b', startNs: 1 }),
      span({ spanId: 'b', parentSpanId: 'a', startNs: 2 }),
      span({ spanId: 'self', parentSpanId: 'self', startNs: 3 }),
    ];
    expect(
      traceRows(traceOf(spans))
        .map((row) => row.span.spanId)
        .sort(),
    ).toEqual(['a', 'b', 'self']);
  });

  it('count tokens once when a descendant reports them too', () => {
    const spans = [
      span({ spanId: 'agent', inputTokens: 100, outputTokens: 10 }),
      span({ spanId: 'model', parentSpanId: 'agent', inputTokens: 90, outputTokens: 9, startNs: 1 }),
      span({ spanId: 'other', inputTokens: 5, startNs: 2 }),
    ];
    expect(traceTotals(traceOf(spans))).toMatchObject({ inputTokens: 95, outputTokens: 9 });
  });
});

describe('a trace in the terminal', () => {
  it('shows who did what, when, with tokens, reasoning and failures', () => {
    const trace = sampleRuns(40).traces.find(({ spans }) =>
      spans.some(({ name, status }) => name.includes('papers') && status === 'Error'),
    );
    const tree = traceTree(trace ?? traceOf([]));
    expect(tree).toMatch(/1 error .*tokens in.*kept because of error/);
    expect(tree).toMatch(/├─ researcher-papers {2}execute_tool search_papers {2}\[tool\]/);
    expect(tree).toContain('ERROR HttpError: 503 from the paper index');
    expect(tree).toMatch(/» plan: Ask three researchers/);
    expect(tree).toMatch(/chat gpt-5 {2}\[model call\] {2}[\d,]+ tokens in, [\d,]+ out/);
  });

  it('reads as it happened: what a span noted stands between its children, sums are said to be sums', () => {
    const event = (name: string, atNs: number, attributes: Record<string, string>) => ({ name, atNs, attributes });
    const spans = [
      span({
        spanId: 'loop',
        name: 'ai.generateText',
        attributes: { 'ai.operationId': 'ai.generateText', 'ai.model.id': 'm-1', 'gen_ai.conversation.id': 'c-1' },
        inputTokens: 9,
        events: [
          event('reasoning', 30, { 'gen_ai.reasoning.text': 'and now that' }),
          event('plan', 5, { 'gen_ai.plan.steps': '["this","that"]' }),
          event('handoff', 99, { 'gen_ai.handoff.agent': 'human' }),
          event('odd', 100, { 'a.b': '1', 'c.d': '[" not json' }),
        ],
      }),
      span({
        spanId: 'call',
        parentSpanId: 'loop',
        name: 'ai.generateText.doGenerate',
        startNs: 10,
        attributes: { 'ai.operationId': 'ai.generateText.doGenerate', 'gen_ai.request.model': 'm-1' },
        inputTokens: 9,
      }),
      span({
        spanId: 'tool',
        parentSpanId: 'loop',
        name: 'ai.toolCall',
        startNs: 40,
        attributes: { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'look' },
        status: 'Error',
        statusMessage: 'blind',
      }),
    ];
    const lines = traceTree(traceOf(spans)).trimEnd().split('\n');
    expect(lines[1]).toContain('conversation c-1');
    const agent = spans[0]!.agent;
    expect(lines.slice(4).map((line) => line.slice(41))).toEqual([
      `${agent}  ai.generateText  [model loop m-1]  (in all 9 tokens in, 0 out)`,
      '│  » plan: this · that',
      `├─ ${agent}  ai.generateText.doGenerate  [model call m-1]  9 tokens in, 0 out`,
      '│  » reasoning: and now that',
      `└─ ${agent}  ai.toolCall  [tool look]`,
      '      ERROR blind',
      '   » handoff: human',
      '   » odd: b: 1, d: [" not json',
    ]);
  });

  it('takes a chain of 600 spans and a parent of 5,000 children', () => {
    const deep = traceTree(chain(600)).split('\n');
    expect(deep).toHaveLength(600 + 5);
    expect(Math.max(...deep.map((line) => line.length))).toBeLessThan(160);
    const wide = Array.from({ length: 5_000 }, (_, i) => span({ spanId: `c${i}`, parentSpanId: 'root', startNs: i }));
    expect(traceTree(traceOf([span({ spanId: 'root' }), ...wide])).split('\n')).toHaveLength(5_001 + 5);
  });

  it('takes a chain of 20,000 spans', () => {
    expect(traceRows(chain(20_000)).at(-1)?.depth).toBe(19_999);
    expect(traceTotals(chain(20_000)).spans).toBe(20_000);
  });

  it('lets no name drive the terminal', () => {
    const name = '\u001b]0;owned\u0007\u001b[2J\n\u202egnp.exe 😀 مرحبا';
    const tree = traceTree(traceOf([span({ spanId: 'a', name, agent: name, status: 'Error', statusMessage: name })]));
    // eslint-disable-next-line no-control-regex
    expect(tree).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(tree).toContain('😀 مرحبا');
  });

  it('is coloured only when asked', () => {
    const trace = chain(2);
    expect(traceTree(trace)).not.toContain('\u001b[');
    expect(traceTree(trace, { colour: true })).toContain('\u001b[');
  });

  it('without spans says so', () => {
    expect(traceTree(traceOf([]))).toContain('no spans');
  });
});

describe('other forms of traces', () => {
  it('as JSON are the trace itself', () => {
    expect(JSON.parse(traceJson(chain(3)))).toEqual(chain(3));
  });

  it('as a page without spans need no script', () => {
    const html = traceHtml(traceOf([]));
    expect(html).toContain('No spans of this trace are stored.');
    expect(html).not.toContain('<script');
  });

  it('list one trace a line, whole ids, and say when there is none', () => {
    const { slowest } = sampleRuns(10);
    const lines = tracesTable(slowest).trimEnd().split('\n');
    expect(lines).toHaveLength(slowest.length + 1);
    expect(lines[1]).toContain(slowest[0]?.traceId);
    expect(tracesTable([])).toBe('no traces in this window\n');
  });
});
