import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const NOTHING = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '   ',
};

const GAP = NOTHING.middle.length;

/** Rows under a header, without lines, as kubectl's own tables look; what `columns` have no room for is cut off the last cell. */
export function plainTable(header: string[], rows: string[][], columns = Number.POSITIVE_INFINITY): string {
  const last = header.length - 1;
  const widthOf = (at: number) =>
    Math.max(...[header, ...rows].map((row) => stripVTControlCharacters(row[at]!).length));
  const before = header.slice(0, last).reduce((sum, _, at) => sum + widthOf(at) + GAP, 0);
  const room = Math.min(widthOf(last), Math.max(columns - before, header[last]!.length));
  const table = new Table({
    head: header,
    ...(room < widthOf(last) && { colWidths: [...Array<null>(last).fill(null), room] }),
    chars: NOTHING,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows);
  return `${table.toString().replace(/ +$/gm, '')}\n`;
}
