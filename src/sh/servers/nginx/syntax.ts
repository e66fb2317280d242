import type { FileSystem } from '../../process.ts';

/** One directive of a configuration, with where it stands. */
export interface Directive {
  name: string;
  args: string[];
  /** `/etc/nginx/nginx.conf:12` */
  at: string;
  block?: Directive[];
}

/** What nginx says before it gives up. */
export class NginxError extends Error {}

interface Token {
  text: string;
  line: number;
  quoted?: boolean;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

const unescaped = (text: string): string =>
  text.replace(/\\([ntr"'\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);

const WORD = /[^\s;{}"'](?:\\.|\$\{[^}]*\}|[^\s;{}])*/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char === '\n') line++;
    if (/\s/.test(char)) at++;
    else if (char === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
    else if (char === ';' || char === '{' || char === '}') {
      found.push({ text: char, line });
      at++;
    } else if (char === '"' || char === "'") {
      const end = text.slice(at + 1).search(char === '"' ? /(?<!\\)"/ : /(?<!\\)'/);
      const content = text.slice(at + 1, end < 0 ? text.length : at + 1 + end);
      found.push({ text: unescaped(content), line, quoted: true });
      line += content.split('\n').length - 1;
      at += content.length + 2;
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(text)![0];
      found.push({ text: word, line });
      at += word.length;
    }
  }
  return found;
}

const is = (token: Token | undefined, text: string) => token?.text === text && !token.quoted;

/** Reads a configuration file, its includes read in their places. Throws NginxError. */
export function parseConfiguration(files: FileSystem, path: string): Directive[] {
  let text: string;
  try {
    text = files.read(path);
  } catch {
    throw new NginxError(`open() "${path}" failed (2: No such file or directory)`);
  }
  const list = tokens(text);
  const lines = text.split('\n').length;
  const end = text.endsWith('\n') ? lines : lines;
  let next = 0;

  function block(inside: boolean): Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const token = list[next];
      if (!token) {
        if (inside) throw new NginxError(`unexpected end of file, expecting "}" in ${path}:${end}`);
        return found;
      }
      if (is(token, '}')) {
        next++;
        if (!inside) throw new NginxError(`unexpected "}" in ${path}:${token.line}`);
        return found;
      }
      if (is(token, ';') || is(token, '{')) throw new NginxError(`unexpected "${token.text}" in ${path}:${token.line}`);
      found.push(...directive());
    }
  }

  function directive(): Directive[] {
    const head = list[next++]!;
    const args: string[] = [];
    for (;;) {
      const token = list[next++];
      if (!token) throw new NginxError(`unexpected end of file, expecting ";" or "}" in ${path}:${end}`);
      const at = `${path}:${token.line}`;
      if (is(token, ';'))
        return head.text === 'include' ? included(files, args[0] ?? '', at) : [{ name: head.text, args, at }];
      if (is(token, '{')) return [{ name: head.text, args, at, block: block(true) }];
      if (is(token, '}')) throw new NginxError(`directive "${head.text}" is not terminated by ";" in ${at}`);
      args.push(token.text);
    }
  }

  return block(false);
}

/** The files that an include names; a pattern may name none. */
function included(files: FileSystem, pattern: string, at: string): Directive[] {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  if (!/[*?[]/.test(path)) {
    if (!files.stat(path)) throw new NginxError(`open() "${path}" failed (2: No such file or directory) in ${at}`);
    return parseConfiguration(files, path);
  }
  const folder = path.slice(0, path.lastIndexOf('/'));
  const name = new RegExp(
    `^${path
      .slice(folder.length + 1)
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '.')}$`,
  );
  let names: string[] = [];
  try {
    names = files.list(folder);
  } catch {}
  return names
    .filter((candidate) => name.test(candidate) && !candidate.startsWith('.'))
    .sort()
    .flatMap((candidate) => parseConfiguration(files, `${folder}/${candidate}`));
}
