import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type CallGraph, graphDot, graphHtml, graphJson, graphMermaid, graphText } from '../../src/report/index.js';
import { layoutGraph } from '../../src/report/graph-layout.js';
import { sampleRuns } from '../report-sample.js';

const hostile = '</script><img src=x onerror=alert(1)>"]\n\u202e\u001b[31m';
const edge = { calls: 1, errors: 0, p50Ns: 1e6, p95Ns: 2e6, p99Ns: 3e6, queueP50Ns: 0, virtual: false };
const empty: CallGraph = { nodes: [], edges: [] };
const hostileGraph: CallGraph = {
  nodes: [{ agent: hostile, spans: 1, errors: 1, selfNs: 1e6, inputTokens: 0, outputTokens: 0 }],
  edges: [
    { ...edge, caller: '(missing parent)', callee: hostile, errors: 1 },
    { ...edge, caller: hostile, callee: hostile },
    { ...edge, caller: hostile, callee: hostile, virtual: true, errors: 1 },
  ],
};

describe('the call graph', () => {
  const { graph } = sampleRuns(20);

  it('as JSON is the graph itself', () => {
    expect(JSON.parse(graphJson(graph))).toEqual(graph);
  });

  it('names every agent in every format', () => {
    for (const text of [graphDot(graph), graphMermaid(graph), graphHtml(graph), graphText(graph)]) {
      for (const { agent } of graph.nodes) expect(text).toContain(agent);
      expect(text).toContain('never answered');
    }
  });

  it('lets no name break out of its format', () => {
    const dot = graphDot(hostileGraph);
    expect(dot).toContain('onerror=alert(1)>\\"]');
    expect(dot.split('\n').every((line) => (line.match(/(?<!\\)"/g) ?? []).length % 2 === 0)).toBe(true);
    expect(graphMermaid(hostileGraph)).not.toMatch(/<img|"\]\n\u202e/);
    const html = graphHtml(hostileGraph);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<script');
    for (const text of [dot, html, graphText(hostileGraph), graphMermaid(hostileGraph)]) {
      // eslint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u202e\u001b]/);
    }
  });

  it('tells a destination nobody answered on from the agent of the same name', () => {
    expect(layoutGraph(hostileGraph).nodes).toHaveLength(3);
  });

  it('is placed also where agents call each other in cycles, any number of times', () => {
    // with fractions as weights, dagre was busy for ever with many of random graphs that have cycles; this is one of them
    const calls = [
      ['(missing parent)', 'a', 214],
      ['a', 'a', 429],
      ['a', 'b', 469],
      ['a', 'c', 258],
      ['b', 'd', 305],
      ['d', 'a', 96],
      ['d', 'c', 91],
    ] as const;
    const agents = ['a', 'b', 'c', 'd'];
    const cyclic: CallGraph = {
      nodes: agents.map((agent) => ({ agent, spans: 1, errors: 0, selfNs: 1, inputTokens: 0, outputTokens: 0 })),
      edges: calls.map(([caller, callee, count]) => ({ ...edge, caller, callee, calls: count })),
    };
    // a timeout of the test's own would not end a loop that never awaits
    const layout: unknown = runInNewContext('place()', { place: () => layoutGraph(cyclic) }, { timeout: 20_000 });
    expect(layout).toMatchObject({ omitted: 0, edges: calls.map(() => ({})) });
  });

  it('places boxes and labels without overlap', () => {
    const picture = layoutGraph(graph);
    const boxes = [
      ...picture.nodes.map(({ x, y, width, height }) => ({ x, y, width, height })),
      ...picture.edges.map((one) => ({
        x: one.labelX - one.labelWidth / 2,
        y: one.labelY - one.labelHeight / 2,
        width: one.labelWidth,
        height: one.labelHeight,
      })),
    ];
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, JSON.stringify([a, b])).toBe(true);
      }
    }
  });

  it('says how many calls are in no picture', () => {
    const edges = Array.from({ length: 160 }, (_, i) => ({ ...edge, caller: `a${i % 13}`, callee: `b${i % 17}-${i}` }));
    expect(graphHtml({ nodes: [], edges })).toContain('10 smaller call paths left out of the picture');
  });

  it('without calls says so', () => {
    expect(graphText(empty)).toBe('no calls in this window\n');
    expect(graphHtml(empty)).toContain('Nothing in this window');
    expect(graphMermaid(empty)).toBe('flowchart LR\n');
    expect(graphDot(empty)).toMatch(/^digraph/);
  });
});
