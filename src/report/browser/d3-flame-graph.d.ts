/** The part of d3-flame-graph 5 that pages use; the package has no types of its own. */
/* eslint-disable @typescript-eslint/consistent-type-imports -- an ambient module cannot hold a relative import declaration */
declare module 'd3-flame-graph' {
  import { type Selection } from 'd3-selection';

  /** A drawn frame: a node of d3-hierarchy around the data, `x0` and `x1` as shares of the whole. */
  export interface Frame {
    data: import('../flame-tree.js').FlameTree;
    value: number;
    depth: number;
    x0: number;
    x1: number;
    parent: Frame | null;
    children?: Frame[];
    /** Set by a search. */
    highlight?: boolean;
    /** Own change and that of all descendants, with `computeDelta`. */
    delta?: number;
  }

  export interface FlameGraph {
    (selection: Selection<HTMLElement, import('../flame-tree.js').FlameTree, null, undefined>): void;
    width(pixels: number): this;
    cellHeight(pixels: number): this;
    minFrameSize(pixels: number): this;
    transitionDuration(ms: number): this;
    inverted(inverted: boolean): this;
    computeDelta(compute: boolean): this;
    getName(name: (frame: Frame) => string): this;
    tooltip(tip: (() => void) & { show(event: MouseEvent, frame: Frame): void; hide(): void; destroy(): void }): this;
    setColorMapper(fill: (frame: Frame, original: string) => string): this;
    setSearchMatch(matches: (frame: Frame, term: string) => boolean): this;
    setSearchHandler(handle: (results: Frame[], sum: number, total: number) => void): this;
    setDetailsHandler(handle: (text: string | null) => void): this;
    onClick(handle: (frame: Frame) => void): this;
    resetHeightOnZoom(reset: boolean): this;
    search(term: string): void;
    clear(): void;
    zoomTo(frame: Frame): void;
    resetZoom(): void;
    update(): this;
    destroy(): this;
  }

  const flamegraph: () => FlameGraph;
  export { flamegraph as default };
}
