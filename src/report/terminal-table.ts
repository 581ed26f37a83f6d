import Table from 'cli-table3';
import { createColors } from 'picocolors';

/** A column: its head, and whether its cells are numbers (set flush right). */
export interface Column {
  head: string;
  right?: boolean;
}

/** A table without lines, columns two spaces apart. Cells must be made of visible text already. */
export function terminalTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  colour: boolean,
): string {
  const { dim } = createColors(colour);
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', mid: '', 'left-mid': '', 'mid-mid': '' };
  const noneBelow = { 'right-mid': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
  const table = new Table({
    head: columns.map(({ head }) => dim(head)),
    colAligns: columns.map(({ right }) => (right ? 'right' : 'left')),
    chars: { ...none, ...noneBelow, left: '', right: '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
