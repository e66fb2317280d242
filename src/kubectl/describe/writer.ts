import { alignTabs, DESCRIBE_TABS } from '../../base/tabwriter.ts';
import { escapeTerminal } from '../../base/terminal.ts';

/**
 * kubectl's PrefixWriter over a tabwriter (minwidth 0, tabwidth 8, padding 2): cells end with a tab, each level indents
 * by two spaces, `flush` ends the alignment of what stands above.
 */
export class DescribeWriter {
  private done = '';
  private pending = '';

  /** Text as it is, indented; the caller ends its line. */
  write(level: number, text: string): void {
    this.pending += escapeTerminal('  '.repeat(level) + text);
  }

  /** `Key:\tvalue` on a line of its own. */
  row(level: number, key: string, value: unknown): void {
    this.write(level, `${key}:\t${value}\n`);
  }

  /** A line of cells. */
  cells(level: number, ...cells: unknown[]): void {
    this.write(level, `${cells.join('\t')}\n`);
  }

  /** A table's head and the dashes below it, as wide as the words themselves unless given. */
  head(level: number, titles: string[], dashes = titles.map((t) => '-'.repeat(t.length))): void {
    this.cells(level, ...titles);
    this.cells(level, ...dashes);
  }

  /** `Title:\tfirst` and the others below it, or `<none>`. */
  multiline(title: string, lines: string[], indent = ''): void {
    this.write(0, `${indent}${title}:\t`);
    if (!lines.length) this.write(0, '<none>\n');
    lines.forEach((line, i) => {
      this.write(0, i ? `${indent}\t${line}\n` : `${line}\n`);
    });
  }

  /** What was written since the last flush, its tabs unaligned. */
  get unaligned(): string {
    return this.pending;
  }

  flush(): void {
    this.done += alignTabs(this.pending, DESCRIBE_TABS);
    this.pending = '';
  }

  toString(): string {
    this.flush();
    return this.done;
  }
}
