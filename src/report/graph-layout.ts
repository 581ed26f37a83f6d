import { Graph, layout } from '@dagrejs/dagre';
import { type DrawnNode, drawnNodes, edgeLines, keyOf } from './graph-formats.js';
import { type CallGraph, type GraphEdge, type GraphNode } from './model.js';
import { fit, formatDuration, formatShort, plural, textWidth, visible } from './text.js';

/** A box of the picture, positions in pixels from its top left corner. */
export interface PlacedNode {
  node: DrawnNode;
  /** The agent's numbers; none for virtual nodes and the two callers that are no agents. */
  agent: GraphNode | undefined;
  /** Name, then one or two lines of small print. */
  title: string;
  subtitles: string[];
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  edge: GraphEdge;
  lines: string[];
  points: { x: number; y: number }[];
  /** Centre of the label. */
  labelX: number;
  labelY: number;
  labelWidth: number;
  labelHeight: number;
}

export interface GraphLayout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  /** Edges that are in no picture: there were too many. */
  omitted: number;
}

/** The part of dagre used here: the types that it ships need a bundler's module resolution. */
interface DagreGraph {
  setGraph(options: Record<string, string | number>): void;
  setNode(key: string, box: { width: number; height: number }): void;
  setEdge(ends: EdgeId, label: { width: number; height: number; labelpos: 'c'; weight: number }): void;
  graph(): { width?: number; height?: number };
  node(key: string): { x: number; y: number };
  edge(ends: EdgeId): { x: number; y: number; width: number; height: number; points: PlacedEdge['points'] };
}
interface EdgeId {
  v: string;
  w: string;
  name: string;
}
const DagreGraph = Graph as unknown as new (options: { multigraph: boolean }) => DagreGraph;
const layOut = layout as unknown as (graph: DagreGraph) => void;

const maxEdges = 150;
const titleSize = 14;
const smallSize = 12;
const maxTextWidth = 190;
const pageWidth = 1180;

/** Places agents and calls so that boxes and labels do not overlap; from left to right or downwards, whichever fits a page better. */
export function layoutGraph(graph: CallGraph): GraphLayout {
  const ranked = [...graph.edges].sort((a, b) => b.errors - a.errors || b.calls - a.calls);
  const drawn = { nodes: graph.nodes, edges: ranked.slice(0, maxEdges) };
  const omitted = ranked.length - drawn.edges.length;
  const across = place(drawn, 'LR', omitted);
  const down = place(drawn, 'TB', omitted);
  const overflow = (picture: GraphLayout) => Math.max(0, picture.width - pageWidth);
  const better = overflow(across) - overflow(down) || across.height - down.height;
  return better <= 0 ? across : down;
}

function place(graph: CallGraph, rankdir: 'LR' | 'TB', omitted: number): GraphLayout {
  const picture = new DagreGraph({ multigraph: true });
  picture.setGraph({
    rankdir,
    acyclicer: 'greedy',
    nodesep: 28,
    edgesep: 18,
    ranksep: 36,
    marginx: 12,
    marginy: 12,
  });
  const agents = new Map(graph.nodes.map((node) => [keyOf(node.agent, false), node]));
  const nodes = drawnNodes(graph).map((node): PlacedNode => box(node, agents.get(node.key)));
  for (const { node, width, height } of nodes) picture.setNode(node.key, { width, height });
  const edges = graph.edges.map((edge, i) => {
    const lines = edgeLines(edge);
    const labelWidth = Math.max(...lines.map((line) => textWidth(line, smallSize))) + 8;
    const label = {
      width: labelWidth,
      height: lines.length * 16 + 4,
      labelpos: 'c' as const,
      // whole numbers: with fractions, dagre may go round a cycle of calls for ever
      weight: 1 + Math.round(4 * Math.log2(1 + edge.calls)),
    };
    const id = { v: keyOf(edge.caller, false), w: keyOf(edge.callee, edge.virtual), name: String(i) };
    picture.setEdge(id, label);
    return { id, edge, lines };
  });
  layOut(picture);

  const size = picture.graph();
  const boxes = new Map(nodes.map((node) => [node.node.key, node]));
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    nodes: nodes.map((node) => {
      const at = picture.node(node.node.key);
      return { ...node, x: at.x - node.width / 2, y: at.y - node.height / 2 };
    }),
    edges: edges.map(({ id, edge, lines }) => {
      const at = picture.edge(id);
      const { x: labelX, y: labelY, width: labelWidth, height: labelHeight } = at;
      const self = id.v === id.w ? picture.node(id.v) : undefined;
      const points = self ? loop(self, boxes.get(id.v)?.width ?? 0) : at.points;
      return { edge, lines, points, labelX, labelY, labelWidth, labelHeight };
    }),
    omitted,
  };
}

/** A call to oneself: out of the box's right side and back, in the gap before the label. */
function loop(centre: { x: number; y: number }, width: number): { x: number; y: number }[] {
  const side = centre.x + width / 2;
  const reach = side + 24;
  const { y } = centre;
  return [
    { x: side, y: y - 9 },
    { x: reach, y: y - 9 },
    { x: reach, y: y + 9 },
    { x: side, y: y + 9 },
  ];
}

function box(node: DrawnNode, agent: GraphNode | undefined): PlacedNode {
  const title = fit(visible(node.name), maxTextWidth, titleSize);
  const subtitles = agent ? agentLines(agent) : [pseudoLine(node)];
  const text = Math.max(textWidth(title, titleSize) * 1.06, ...subtitles.map((line) => textWidth(line, smallSize)));
  return { node, agent, title, subtitles, x: 0, y: 0, width: text + 34, height: 30 + subtitles.length * 17 };
}

function agentLines(agent: GraphNode): string[] {
  const errors = agent.errors > 0 ? ` · ${plural(agent.errors, 'error')}` : '';
  const tokens = agent.inputTokens + agent.outputTokens;
  const used = tokens > 0 ? ` · ${formatShort(tokens)} tokens` : '';
  return [`${plural(agent.spans, 'span')}${errors}`, `self ${formatDuration(agent.selfNs)}${used}`];
}

function pseudoLine(node: DrawnNode): string {
  if (node.virtual) return 'never answered';
  if (node.name === '(root)') return 'runs start here';
  return node.name === '(missing parent)' ? 'caller not recorded' : 'no spans of its own';
}
