import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { browserScript } from '../../src/report/browser-script.js';
import { type ReportInput, reportPage } from '../../src/report/index.js';
import { jsonForPage } from '../../src/report/page.js';
import { pageTrace } from '../../src/report/page-trace.js';
import { formatDuration, formatShort } from '../../src/report/text.js';
import { sampleRuns, span } from '../report-sample.js';

const hostile = '</script><img src=x onerror=alert(1)>\u2028😀';
const sample = sampleRuns(5);
const window = { from: '2026-11-22T08:00:00Z', to: '2026-11-22T09:00:00Z' };
const input: ReportInput = { title: 'Report', window, ...sample };

describe('the report page', () => {
  it('allows exactly its own script and nothing from elsewhere', () => {
    const html = reportPage(input);
    const script = browserScript('report');
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(html).toContain('default-src &#39;none&#39;');
    expect(html).toContain(`<script>${script}</script>`);
    expect(html).not.toMatch(/(?:src|href)="(?!data:,|#)/);
  });

  it('carries scripts that cannot end their own element', () => {
    for (const name of ['flame', 'report', 'trace'] as const) {
      expect(browserScript(name)).not.toMatch(/<\/script|<!--/i);
    }
  });

  it('holds hostile names only as text', () => {
    const [trace] = sample.traces;
    if (trace === undefined) throw new Error('the sample has traces');
    const spans = trace.spans.map((one) => ({
      ...one,
      name: hostile,
      agent: hostile,
      attributes: { [hostile]: hostile },
    }));
    const rows = sample.slowest.map((row) => ({ ...row, rootName: hostile, rootAgent: hostile, keepReason: hostile }));
    const html = reportPage({
      ...input,
      title: hostile,
      flames: { self: { spans: [{ frames: [hostile], value: 1 }], agents: [] } },
      slowest: rows,
      failed: [],
      traces: [{ ...trace, spans }],
    });
    expect(html).not.toContain('<img');
    expect(html.match(/<\/script>/g)).toHaveLength(2);
  });

  it('is friendly when there is nothing to show', () => {
    const html = reportPage({
      title: 'Report',
      window,
      graph: { nodes: [], edges: [] },
      flames: {},
      slowest: [],
      failed: [],
      traces: [],
    });
    expect(html).toContain('Nothing in this window');
    expect(html).not.toContain('<script');
  });

  it('says what it leaves out', () => {
    const spans = Array.from({ length: 30 }, (_, i) =>
      span({ spanId: `s${i}`, parentSpanId: i === 0 ? '' : 's0', name: 'x'.repeat(50) }),
    );
    const { trace, notes } = pageTrace({ traceId: 'id', startTime: '', spans }, { maxSpans: 10, maxText: 20 });
    expect(trace.spans).toHaveLength(10);
    expect(trace.spans[0]?.name).toMatch(/^x{20}… \(\+30 characters\)$/);
    expect(notes.join()).toContain('10 of the trace’s 30 spans');
  });

  it('escapes its data so that it stays data', () => {
    expect(jsonForPage({ a: '</script><!--' })).toBe('{"a":"\\u003c/script>\\u003c!--"}');
  });
});

describe('numbers for people', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ns'],
    [12_500, '12.5 µs'],
    [999_600, '1 ms'],
    [340e6, '340 ms'],
    [8.42e9, '8.42 s'],
    [59.97e9, '1 min 0 s'],
    [125e9, '2 min 5 s'],
    [11_520e9, '3 h 12 min'],
  ])('%d ns is %s', (ns, text) => expect(formatDuration(ns)).toBe(text));

  it.each([
    [950, '950'],
    [12_345, '12.3k'],
    [999_900, '1M'],
    [4_100_000, '4.1M'],
  ])('%d is %s', (value, text) => expect(formatShort(value)).toBe(text));
});
