/**
 * Pictures of what the jobs computed: data in, text out. Nothing here reads a database or a file of the user's.
 *
 * @module
 */
export * from './model.js';
export { foldDiff, foldStacks } from './folded.js';
export { flameHtml, type FlameHtmlOptions } from './flame-html.js';
export { flameJson } from './flame-json.js';
export { flameSpeedscope } from './flame-speedscope.js';
export { flameSvg } from './flame-svg.js';
export { graphDot, graphJson, graphMermaid } from './graph-formats.js';
export { graphHtml } from './graph-html.js';
export { graphText } from './graph-text.js';
export { type Flames, reportPage, type ReportInput } from './report-page.js';
export { traceHtml } from './trace-html.js';
export { traceJson } from './trace-json.js';
export { tracesTable } from './traces-table.js';
export { traceTree, type TraceTreeOptions } from './trace-tree.js';
