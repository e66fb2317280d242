import { goQuote } from '../../base/go-quote.ts';

/** The source whose level decides how much is told of requests. */
export const ROUND_TRIPPERS = 'round_trippers.go:527';

type Severity = 'I' | 'W' | 'E' | 'F';

/** The head of a line of klog's: its severity, its time, and a process of its own. `now` in ms. */
export function klogHeader(now: number, severity: Severity = 'W'): string {
  const time = new Date(now).toISOString();
  return `${severity}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000    1000`;
}

/** What is written to standard error besides answers: as much of it as -v and --vmodule ask for. */
export interface LogOptions {
  /** -v. */
  verbosity: number;
  /** --vmodule: `pattern=N`, each for the source files that the pattern names. */
  modules: string[];
  now(): number;
  write(text: string): void;
}

/** A pattern of --vmodule: of a file's name without `.go`. */
function pattern(text: string): RegExp {
  const escaped = text
    .replace(/[.+^$(){}|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  try {
    return new RegExp(`^${escaped}$`);
  } catch {
    return /^$/;
  }
}

/** klog, as far as kubectl's user meets it. A source is a file of the real kubectl and a line of it: `loader.go:402`. */
export class Klog {
  private readonly modules: { file: RegExp; level: number }[];

  constructor(private readonly options: LogOptions) {
    this.modules = options.modules
      .filter((setting) => setting.includes('='))
      .map((setting) => setting.split('='))
      .map(([file = '', level]) => ({ file: pattern(file), level: Number(level) }));
  }

  /** Whether there is nothing to tell but what always is told. */
  get quiet(): boolean {
    return this.options.verbosity <= 0 && this.modules.length === 0;
  }

  /** Whether a source tells what it tells at `level`. */
  enabled(level: number, source: string): boolean {
    const { verbosity } = this.options;
    if (verbosity >= level) return true;
    const [file = ''] = source.split('.go');
    return (this.modules.find((module) => module.file.test(file))?.level ?? 0) >= level;
  }

  /** The highest of the `levels` that a source tells; 0 for none. */
  levelOf(source: string, levels: number[]): number {
    return Math.max(0, ...levels.filter((level) => this.enabled(level, source)));
  }

  /** A line from `level` on. */
  info(level: number, source: string, text: string): void {
    if (this.enabled(level, source)) this.line('I', source, text);
  }

  /** The same with its details by name: `"Response" verb="GET"`. */
  details(level: number, source: string, message: string, values: Record<string, LogValue>): void {
    if (!this.enabled(level, source)) return;
    const named = Object.entries(values).map(([name, value]) => ` ${name}=${written(value)}`);
    this.line('I', source, `${goQuote(message)}${named.join('')}`);
  }

  /** An error that ends nothing (utilruntime.HandleError). */
  unhandled(source: string, error: string): void {
    this.line('E', source, `"Unhandled Error" err=${written(error)}`);
  }

  line(severity: Severity, source: string, text: string): void {
    this.options.write(`${klogHeader(this.options.now(), severity)} ${source}] ${text}\n`);
  }
}

export type LogValue = string | number | boolean;

/** A value as klog writes it: text of several lines stands between `<` and `>`. */
function written(value: LogValue): string {
  if (typeof value !== 'string') return String(value);
  if (!value.includes('\n')) return goQuote(value);
  const lines = value.replace(/\n$/, '').split('\n');
  return `<\n${lines.map((line) => `\t${line}\n`).join('')} >`;
}
