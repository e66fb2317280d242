/** How bold text and code are set off on a terminal. */
export interface Marks {
  bold(text: string): string;
  code(text: string): string;
}

export const PLAIN: Marks = { bold: (text) => text, code: (text) => `\`${text}\`` };

const WIDEST = 100;
const ITEM = /^(\s*)([-*]|\d+\.)\s+(.*)$/;

/** Markdown as a terminal of so many columns shows it: paragraphs and lists filled, code as it is, two columns in. */
export function renderMarkdown(markdown: string, columns: number, marks: Marks = PLAIN): string {
  const width = Math.max(40, Math.min(columns, WIDEST));
  const out: string[] = [];
  let paragraph: string[] = [];
  let hang = '';
  const flush = () => {
    if (paragraph.length > 0) out.push(marked(fill(paragraph.join(' '), width, hang), marks));
    paragraph = [];
    hang = '';
  };
  let code = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      flush();
      code = !code;
    } else if (code) out.push(line === '' ? '' : `  ${line}`);
    else if (line.trim() === '') {
      flush();
      if (out.at(-1) !== '') out.push('');
    } else if (/^\s*\|/.test(line)) {
      flush();
      out.push(line);
    } else {
      const [, indent = '', bullet, text = ''] = ITEM.exec(line) ?? [];
      if (bullet) {
        flush();
        hang = ' '.repeat(indent.length + bullet.length + 1);
        paragraph.push(`${indent}${bullet} ${text}`);
      } else paragraph.push(line.trim());
    }
  }
  flush();
  return out.join('\n').replace(/\n+$/, '');
}

/** Breaks a text into lines of `width`; those after the first begin with `hang`. */
function fill(text: string, width: number, hang: string): string {
  const lines: string[] = [];
  let line = /^\s*/.exec(text)![0];
  let empty = true;
  for (const word of text.trim().split(/\s+/)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${hang}${word}`;
    } else line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** Sets off `**bold**` and code, which may go over the end of a line. */
const marked = (text: string, { bold, code }: Marks): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part, index) =>
      index % 2 === 1 ? code(part.slice(1, -1)) : part.replace(/\*\*([^*]+)\*\*/g, (_, inner: string) => bold(inner)),
    )
    .join('');

/** `12 min`, `1 h 5 min`, `40 s` */
export function roughly(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;
