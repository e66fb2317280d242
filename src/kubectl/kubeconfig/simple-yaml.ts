/**
 * Reads the plain block YAML that kubectl itself writes into kubeconfigs: nested maps and lists, plain scalars.
 * undefined for anything else, which then needs the real parser (19 ms that most commands need not pay).
 */
export function readSimpleYaml(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    const reader = new Reader(lines);
    const value = reader.block(0);
    return reader.done ? value : undefined;
  } catch {
    return undefined;
  }
}

const SCALARS: Record<string, unknown> = { true: true, false: false, '""': '', '{}': {}, '[]': [], null: null };
/** Text that every YAML reads as the same string: no quotes, comments, flow, anchors, numbers or dates. */
const PLAIN = /^[A-Za-z/](?:[A-Za-z0-9._/@+=~-]|:(?=\S))*$/;
const RESERVED = /^(?:y|n|yes|no|on|off|null|true|false)$/i;

class Reader {
  private at = 0;

  constructor(private readonly lines: string[]) {}

  get done(): boolean {
    return this.at >= this.lines.length;
  }

  /** The list or map whose lines are set in by `indent`. */
  block(indent: number): unknown {
    return this.lineAt(indent)?.startsWith('- ') ? this.list(indent) : this.map(indent);
  }

  private lineAt(indent: number): string | undefined {
    const line = this.lines[this.at];
    return line !== undefined && line.search(/\S/) === indent ? line.slice(indent) : undefined;
  }

  private list(indent: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.lineAt(indent); line?.startsWith('- '); line = this.lineAt(indent)) {
      const rest = line.slice(2);
      if (/^[A-Za-z-]+:( |$)/.test(rest)) {
        this.lines[this.at] = `${' '.repeat(indent + 2)}${rest}`;
        items.push(this.map(indent + 2));
      } else {
        this.at++;
        items.push(scalar(rest));
      }
    }
    return items;
  }

  private map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let line = this.lineAt(indent); line !== undefined && !line.startsWith('- '); line = this.lineAt(indent)) {
      const [, key, value] = /^([A-Za-z][A-Za-z-]*):(?: (.+))?$/.exec(line) ?? [];
      if (key === undefined || key in map) throw new Error('not simple');
      this.at++;
      map[key] = value === undefined ? this.nested(indent) : scalar(value);
    }
    return map;
  }

  private nested(indent: number): unknown {
    const next = this.lines[this.at];
    const depth = next?.search(/\S/) ?? -1;
    if (depth > indent) return this.block(depth);
    return depth === indent && next!.slice(indent).startsWith('- ') ? this.list(indent) : null;
  }
}

function scalar(text: string): unknown {
  if (Object.hasOwn(SCALARS, text)) return SCALARS[text];
  if (!PLAIN.test(text) || RESERVED.test(text)) throw new Error('not simple');
  return text;
}
