import { type FlameGraph, type Frame } from 'd3-flame-graph';
import { select } from 'd3-selection';

/** Moves through the frames of a flame graph by keyboard: arrows to parent, child and siblings, Enter zooms, Escape goes back. */
export function frameKeys(host: HTMLElement, chart: FlameGraph, describe: (frame: Frame) => void) {
  let current: Frame | undefined;
  const frames = () => select(host).selectAll<SVGGElement, Frame>('g.frame');
  const isDrawn = (frame: Frame) =>
    frame.x1 > frame.x0 &&
    !frames()
      .filter((other) => other === frame)
      .empty();

  const mark = () => {
    frames().classed('current', (frame) => frame === current);
    frames()
      .filter((frame) => frame === current)
      .node()
      ?.scrollIntoView({ block: 'nearest' });
  };
  const moveTo = (frame: Frame) => {
    current = frame;
    if (host.matches(':focus')) mark();
    describe(frame);
  };
  const sibling = (frame: Frame, step: 1 | -1): Frame | undefined => {
    const siblings = frame.parent?.children?.filter(isDrawn) ?? [];
    return siblings[siblings.indexOf(frame) + step];
  };
  const onKey = (event: KeyboardEvent) => {
    const from = current ?? frames().datum();
    const targets: Record<string, () => Frame | null | undefined> = {
      ArrowUp: () => from.parent,
      ArrowDown: () => from.children?.find(isDrawn),
      ArrowLeft: () => sibling(from, -1),
      ArrowRight: () => sibling(from, 1),
      Home: () => frames().datum(),
    };
    if (event.key === 'Enter') chart.zoomTo(from);
    else if (event.key === 'Escape') chart.resetZoom();
    else if (Object.hasOwn(targets, event.key)) moveTo(targets[event.key]?.() ?? from);
    else return;
    event.preventDefault();
    mark();
  };
  const onFocus = () => {
    if (!host.matches(':focus-visible')) return;
    moveTo(current ?? frames().datum());
  };
  const onBlur = () => frames().classed('current', false);
  host.addEventListener('keydown', onKey);
  host.addEventListener('focus', onFocus);
  host.addEventListener('blur', onBlur);

  return {
    moveTo,
    stop() {
      host.removeEventListener('keydown', onKey);
      host.removeEventListener('focus', onFocus);
      host.removeEventListener('blur', onBlur);
    },
  };
}
