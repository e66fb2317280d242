import { goValue } from '../../base/go-quote.ts';
import { JsonPath, relaxedJsonPath } from '../../base/jsonpath/index.ts';
import { TABLE_TABS, TabWriter } from '../../base/tabwriter.ts';
import { escapeTerminal } from '../../base/terminal.ts';
import { asError, CommandError } from '../errors.ts';
import type { Printable } from './print-flags.ts';

export interface CustomColumn {
  header: string;
  path: string;
}

const FILE_FORMAT = 'Expected format is one line of space separated headers, one line of space separated column specs.';

function column(header: string, path: string): CustomColumn {
  try {
    return { header, path: relaxedJsonPath(path) };
  } catch (error) {
    throw new CommandError(asError(error).message);
  }
}

/** `NAME:.metadata.name,IMAGE:.spec.containers[*].image` */
export function columnsFromSpec(spec: string): CustomColumn[] {
  return spec.split(',').map((part) => {
    const at = part.indexOf(':');
    if (at < 0) throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return column(part.slice(0, at), part.slice(at + 1));
  });
}

/** A file of two lines: headers, and paths under them. */
export function columnsFromFile(text: string): CustomColumn[] {
  const lines = text.split('\n');
  if (text === '') throw new CommandError(`invalid template, missing header line. ${FILE_FORMAT}`);
  if (lines.length < 2 || (lines.length === 2 && lines[1] === '')) {
    throw new CommandError(`invalid template, missing spec line. ${FILE_FORMAT}`);
  }
  const [headers, paths] = lines.slice(0, 2).map((line) => line.split(/\s+/).filter(Boolean)) as [string[], string[]];
  if (headers.length !== paths.length) {
    throw new CommandError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  }
  return headers.map((header, index) => column(header, paths[index]!));
}

/** Prints objects as rows of columns that the user chose; headers once for each type of object. */
export class CustomColumnsPrinter {
  private printedHeaders = false;
  private aligned = '';
  /** One for all that is printed: its columns keep their widths. */
  private readonly writer = new TabWriter((text) => {
    this.aligned += text;
  }, TABLE_TABS);

  constructor(
    private readonly columns: CustomColumn[],
    private readonly noHeaders: boolean,
  ) {}

  /** The aligned lines; when a path fails, those before it, with the error. */
  print(object: Printable): { text: string; error?: Error } {
    const line = (cells: string[]) => this.writer.write(`${cells.join('\t')}\n`);
    if (!this.noHeaders && !this.printedHeaders) line(this.columns.map(({ header }) => header));
    this.printedHeaders = true;
    try {
      const paths = this.columns.map(({ path }) => new JsonPath(path, { allowMissingKeys: true }));
      const objects = Array.isArray(object.items) ? (object.items as Printable[]) : [object];
      for (const each of objects) line(paths.map((path) => cell(path.find(each))));
      return { text: this.flush() };
    } catch (error) {
      return { text: this.flush(), error: new CommandError(asError(error).message) };
    }
  }

  private flush(): string {
    this.writer.flush();
    const text = this.aligned;
    this.aligned = '';
    return text;
  }
}

function cell(results: unknown[][]): string {
  const values = results.flat().map((value) => escapeTerminal(goValue(value)));
  if (results.length === 0 || results[0]!.length === 0) values.unshift('<none>');
  return values.join(',');
}
