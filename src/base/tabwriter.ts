/** How columns are laid out; the fields are those of Go's text/tabwriter. */
export interface TabOptions {
  minWidth: number;
  tabWidth: number;
  padding: number;
  /** ' ' pads with spaces; '\t' with tabs, aligned to multiples of tabWidth. */
  padChar?: ' ' | '\t';
  /** A column never gets narrower from one flush to the next (liggitt/tabwriter, which kubectl's tables use). */
  rememberWidths?: boolean;
}

/** kubectl's tables (printers.GetNewTabWriter). */
export const TABLE_TABS: TabOptions = { minWidth: 6, tabWidth: 4, padding: 3, rememberWidths: true };

/** kubectl describe's fields (describe.tabbedString). */
export const DESCRIBE_TABS: TabOptions = { minWidth: 0, tabWidth: 8, padding: 2 };

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range is meant.
const ASCII = /^[\x00-\x7f]*$/;

/** Runes as Go counts them, not UTF-16 units. */
function runes(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Go's text/tabwriter: text comes in with cells ended by tabs, and goes out with columns aligned. Only a cell that a tab ends
 * belongs to a column; a column is a block of consecutive lines that have such a cell.
 */
export class TabWriter {
  /** Complete lines and the one being written; the last cell of a line is not ended by a tab. */
  private lines: string[][] = [['']];
  private widths: number[] = [];
  private remembered: number[] = [];
  private output = '';

  constructor(
    private readonly sink: (text: string) => void,
    private readonly options: TabOptions,
  ) {}

  write(text: string): void {
    let rest = text;
    for (let at = rest.search(/[\t\v\n\f]/); at >= 0; at = rest.search(/[\t\v\n\f]/)) {
      this.append(rest.slice(0, at));
      const end = rest[at];
      rest = rest.slice(at + 1);
      if (end === '\t' || end === '\v') {
        this.lines.at(-1)!.push('');
        continue;
      }
      const cells = this.lines.at(-1)!.length;
      this.lines.push(['']);
      if (end === '\f' || cells === 1) this.flush();
    }
    this.append(rest);
  }

  flush(): void {
    if (this.lines.at(-1)!.at(-1) === '') this.lines.at(-1)!.pop();
    this.format(0, this.lines.length);
    this.lines = [['']];
    this.widths = [];
    if (this.output) this.sink(this.output);
    this.output = '';
  }

  /** The widths that columns have had so far, to hand to a writer that goes on with them. */
  get rememberedWidths(): number[] {
    return [...this.remembered];
  }

  set rememberedWidths(widths: number[]) {
    this.remembered = [...widths];
  }

  private append(text: string): void {
    const line = this.lines.at(-1)!;
    line[line.length - 1] += text;
  }

  private format(from: number, to: number): void {
    const column = this.widths.length;
    let start = from;
    for (let at = from; at < to; at++) {
      if (column >= this.lines[at]!.length - 1) continue;
      this.writeLines(start, at);
      start = at;
      let width = this.options.minWidth;
      for (; at < to && column < this.lines[at]!.length - 1; at++) {
        width = Math.max(width, runes(this.lines[at]![column]!) + this.options.padding);
      }
      this.widths.push(this.remember(column, width));
      this.format(start, at);
      this.widths.pop();
      start = at;
    }
    this.writeLines(start, to);
  }

  private remember(column: number, width: number): number {
    if (!this.options.rememberWidths) return width;
    for (let at = this.remembered.length; at < column; at++) this.remembered.push(this.widths[at]!);
    this.remembered[column] = Math.max(this.remembered[column] ?? 0, width);
    return this.remembered[column]!;
  }

  private writeLines(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const line = this.lines[at]!;
      line.forEach((cell, column) => {
        this.output += cell;
        const width = this.widths[column];
        if (column < line.length - 1 && width !== undefined) this.output += this.pad(runes(cell), width);
      });
      if (at + 1 < this.lines.length) this.output += '\n';
    }
  }

  private pad(used: number, width: number): string {
    if (this.options.padChar !== '\t') return ' '.repeat(width - used);
    const { tabWidth } = this.options;
    if (tabWidth === 0) return '';
    const target = Math.ceil(width / tabWidth) * tabWidth;
    return '\t'.repeat(Math.ceil((target - used) / tabWidth));
  }
}

/** `text` with its tab-ended cells aligned into columns. */
export function alignTabs(text: string, options: TabOptions): string {
  let result = '';
  const writer = new TabWriter((part) => {
    result += part;
  }, options);
  writer.write(text);
  writer.flush();
  return result;
}
