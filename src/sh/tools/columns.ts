const TAB = 8;
const GAP = 2;
/** GNU ls does not make columns narrower than this. */
const NARROWEST = 3;

/** Names in columns as `ls` shows them on a terminal of that width: from top to bottom, then to the right. */
export function inColumns(names: string[], width: number, busybox: boolean): string {
  if (names.length === 0) return '';
  const widths = busybox ? evenWidths(names, width) : fittingWidths(names, width);
  const rows = Math.ceil(names.length / widths.length);
  let text = '';
  for (let row = 0; row < rows; row++) {
    let at = 0;
    let start = 0;
    for (const [column, columnWidth] of widths.entries()) {
      const name = names[column * rows + row];
      if (name === undefined) break;
      text += busybox ? ' '.repeat(start - at) : indent(at, start);
      text += name;
      at = start + name.length;
      start += columnWidth;
    }
    text += '\n';
  }
  return text;
}

/** Columns that are all as wide as the longest name (busybox, coreutils/ls.c, display_files). */
function evenWidths(names: string[], width: number): number[] {
  const each = Math.max(...names.map(({ length }) => length)) + GAP;
  return Array.from({ length: Math.max(1, Math.floor(width / each)) }, () => each);
}

/** As many columns as fit, each as wide as it must be (GNU coreutils, ls.c, calculate_columns). */
function fittingWidths(names: string[], width: number): number[] {
  for (let count = Math.min(Math.floor(width / NARROWEST), names.length); count > 1; count--) {
    const rows = Math.ceil(names.length / count);
    const widths = Array.from({ length: Math.ceil(names.length / rows) }, (_, column) => {
      const own = names.slice(column * rows, (column + 1) * rows);
      return Math.max(...own.map(({ length }) => length)) + (column === count - 1 ? 0 : GAP);
    });
    if (widths.length === count && widths.reduce((sum, each) => sum + each, 0) < width) return widths;
  }
  return [width];
}

/** Blanks from one column of the screen to another, tabs where they reach. */
function indent(from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; ) {
    const byTab = Math.floor(to / TAB) > Math.floor((at + 1) / TAB);
    text += byTab ? '\t' : ' ';
    at += byTab ? TAB - (at % TAB) : 1;
  }
  return text;
}
