import { TABLE_TABS, TabWriter } from '../../base/tabwriter.ts';
import { escapeTerminal } from '../../base/terminal.ts';
import type { KubeObject } from '../../types/objects.ts';

export interface TableColumn {
  name: string;
  type: string;
  format?: string;
  priority?: number;
}

/** A row: its cells and the metadata of its object. */
export interface TableRow {
  cells: unknown[];
  object?: KubeObject;
}

/** meta.k8s.io/v1 Table, as the server prints objects. */
export interface Table {
  kind: 'Table';
  columnDefinitions?: TableColumn[] | null;
  rows?: TableRow[] | null;
}

export interface TableOptions {
  wide?: boolean;
  noHeaders?: boolean;
  withNamespace?: boolean;
  /** `pod`, `deployment.apps`: written before names. */
  kindPrefix?: string;
  labelColumns?: string[];
  showLabels?: boolean;
}

export const isTable = (object: unknown): object is Table =>
  (object as { kind?: string; apiVersion?: string } | undefined)?.kind === 'Table' &&
  (object as { apiVersion?: string }).apiVersion?.startsWith('meta.k8s.io/') === true;

/** The writer that a run of tables shares. */
export const tableWriter = (out: (text: string) => void): TabWriter => new TabWriter(out, TABLE_TABS);

const NO_TABLE: TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name' },
  { name: 'Age', type: 'string' },
];

const sameColumns = (a: TableColumn[], b: TableColumn[]) =>
  a.length === b.length && a.every((column, at) => column.name === b[at]!.name && column.type === b[at]!.type);

const formatLabels = (labels: Record<string, string> = {}): string =>
  Object.keys(labels).length === 0
    ? '<none>'
    : Object.keys(labels)
        .sort()
        .map((key) => `${key}=${labels[key]}`)
        .join(',');

/** A cell as printed: up to its first line break, control characters shown. */
function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const end = text.search(/[\f\n\r]/);
  return end < 0 ? escapeTerminal(text) : `${escapeTerminal(text.slice(0, end))}...`;
}

/** Prints tables one after the other; headers only where the columns change (printers.HumanReadablePrinter). */
export class TablePrinter {
  private lastColumns: TableColumn[] = [];
  private printedHeaders = false;

  constructor(
    private readonly options: TableOptions,
    private readonly writer: TabWriter,
  ) {}

  /** `eventType` comes first in a line of --output-watch-events. */
  print(table: Table, eventType?: string): void {
    const own = table.columnDefinitions ?? [];
    const rows = table.rows ?? [];
    const known = this.printedHeaders && (own.length === 0 || sameColumns(own, this.lastColumns));
    if (own.length > 0) this.lastColumns = own;
    const columns = own.length > 0 ? own : this.lastColumns;
    if (own.length > 0 && !known) this.printedHeaders = false;
    if (rows.length > 0) this.printedHeaders = true;
    if (rows.length === 0) return;
    const shown = columns.map((column) => this.options.wide || !column.priority);
    if (!known && !this.options.noHeaders) this.writeLine(this.headers(columns, shown, eventType));
    for (const row of rows) this.writeLine(this.cells(row, columns, shown, eventType));
  }

  /** An object for which the server made no table: its name and age. */
  printObject(object: KubeObject, age: string, eventType?: string): void {
    const name = object.metadata?.name ?? '<unknown>';
    this.print({ kind: 'Table', columnDefinitions: NO_TABLE, rows: [{ cells: [name, age], object }] }, eventType);
  }

  private headers(columns: TableColumn[], shown: boolean[], eventType?: string): string[] {
    const { withNamespace, labelColumns = [], showLabels } = this.options;
    return [
      ...(eventType ? ['EVENT'] : []),
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...columns.filter((_, at) => shown[at]).map(({ name }) => name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ];
  }

  private cells({ cells, object }: TableRow, columns: TableColumn[], shown: boolean[], eventType?: string): string[] {
    const { withNamespace, labelColumns = [], showLabels, kindPrefix } = this.options;
    const nameColumn = kindPrefix
      ? columns.findIndex(({ format, type }) => format === 'name' && type === 'string')
      : -1;
    const named = cells.map((cell, at) => (at === nameColumn ? `${kindPrefix}/${cell}` : cell));
    const labels = object?.metadata?.labels;
    return [
      ...(eventType ? [eventType.padEnd(8)] : []),
      ...(withNamespace ? [object?.metadata?.namespace ?? ''] : []),
      ...named.slice(0, columns.length).filter((_, at) => shown[at]),
      ...labelColumns.map((label) => labels?.[label] ?? ''),
      ...(showLabels ? [object?.metadata ? formatLabels(labels) : ''] : []),
    ].map(cellText);
  }

  private writeLine(cells: string[]): void {
    this.writer.write(`${cells.join('\t')}\n`);
  }
}
