import type { YAMLParseError } from 'yaml';

/** Where an error is, as the rules below ask. */
interface Place {
  text: string;
  /** From the offending token's start to its end. */
  from: number;
  to: number;
  /** Spaces before the token on its line. */
  column: number;
}

const lineAt = (text: string, position: number) => text.slice(0, position).split('\n').length;
const lastLine = (text: string) => text.split('\n').length;

/** libyaml's scanner names the line where it stands, its parser the one before the token; the first line goes unnamed. */
const scanner = (message: string, line: number) => (line > 1 ? `line ${line}: ${message}` : message);
const parser = (message: string, line: number) => (line > 1 ? `line ${line - 1}: ${message}` : message);

const NO_KEY = 'did not find expected key';
const NO_DASH = "did not find expected '-' indicator";
const NO_COLON = "could not find expected ':'";
const NO_VALUE = 'mapping values are not allowed in this context';
const NO_TOKEN = 'found character that cannot start any token';

/** Lines above the token, nearest first, down to the first one that is indented less. */
function* block({ text, from, column }: Place): Generator<string> {
  const lines = text.slice(0, from).split('\n').slice(0, -1).reverse();
  for (const line of lines) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const indent = line.length - line.trimStart().length;
    if (indent < column) return;
    if (indent === column) yield line.trimStart();
  }
}

const inSequence = (place: Place) => [...block(place)].some((line) => /^-(\s|$)/.test(line));
const inMapping = (place: Place) => [...block(place)].some((line) => /^[^-\s].*:(\s|$)/.test(line));

function flowError(place: Place, close: string): string {
  const { text, from } = place;
  if (/[[{]\s*$/.test(text)) return parser('did not find expected node content', lastLine(text.replace(/\n$/, '')) + 1);
  const goesOn = /[,[{]\s*$/.test(text.slice(0, from)) || from >= text.trimEnd().length;
  const line = goesOn ? lastLine(text.replace(/\n$/, '')) + 1 : lineAt(text, from);
  return parser(`did not find expected ',' or '${close}'`, line);
}

function multilineKey(place: Place): string {
  const { text, from, to } = place;
  if (/^-\s/.test(text.slice(from))) return parser(NO_KEY, lineAt(text, from));
  return scanner(inMapping(place) ? NO_COLON : NO_VALUE, lineAt(text, to));
}

/** What would close the flow collection that is open at the end of `text`. */
function openFlow(text: string): string | undefined {
  const closers: string[] = [];
  for (const [mark] of text.slice(text.lastIndexOf('\n') + 1).matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[[\]{}]/g)) {
    if (mark === '[') closers.push(']');
    else if (mark === '{') closers.push('}');
    else if (mark === ']' || mark === '}') closers.pop();
  }
  return closers.at(-1);
}

function unexpectedToken(place: Place, message: string): string {
  const { text, from } = place;
  const line = lineAt(text, from);
  if (message.includes('block-seq-ind')) return scanner('block sequence entries are not allowed in this context', line);
  if (message.includes('Block scalar header')) return scanner('did not find expected comment or line break', line);
  const open = openFlow(text.slice(0, from));
  if (open) return parser(`did not find expected ',' or '${open}'`, line);
  if (/-end token/.test(message) && /:\s*$/.test(text.slice(0, from)))
    return parser('did not find expected node content', line);
  return parser(message.includes('node end') && inSequence(place) ? NO_DASH : NO_KEY, line);
}

/** What go-yaml would say where the `yaml` package says `error`, without "yaml: ". */
export function rewordSyntaxError(text: string, error: YAMLParseError): string {
  const [start, to] = error.pos;
  const from = start + text.slice(start).search(/[^ ]|$/);
  const place: Place = { text, from, to, column: from - (text.lastIndexOf('\n', from - 1) + 1) };
  const line = lineAt(text, from);
  const { message } = error;
  if (/Flow (sequence|map)/.test(message)) return flowError(place, message.includes('sequence') ? ']' : '}');
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (message.includes('block sequence')) return parser(NO_KEY, line);
      return scanner(NO_VALUE, lineAt(text, from + Math.max(0, text.slice(from).search(/:(\s|$)/))));
    case 'BAD_INDENT':
      return parser(inSequence(place) ? NO_DASH : NO_KEY, line);
    case 'MISSING_CHAR':
      if (message.includes('between flow')) {
        return parser(`did not find expected ',' or '${openFlow(text.slice(0, from)) ?? ']'}'`, line);
      }
      if (message.includes('quote')) return scanner('found unexpected end of stream', lastLine(text));
      return message.includes('Implicit map keys') ? scanner(NO_COLON, line + 1) : parser(NO_KEY, line);
    case 'MULTILINE_IMPLICIT_KEY':
      return multilineKey(place);
    case 'TAB_AS_INDENT': {
      const afterValue = /[^:\s]\s*\n\s*$/.test(text.slice(0, from));
      return scanner(afterValue ? 'found a tab character that violates indentation' : NO_TOKEN, line);
    }
    case 'BAD_SCALAR_START':
      return scanner(NO_TOKEN, line);
    case 'BAD_DQ_ESCAPE':
      return scanner(
        /[xuU]/.test(text[from + 1] ?? '')
          ? 'did not find expected hexdecimal number'
          : 'found unknown escape character',
        line,
      );
    case 'BAD_ALIAS':
      return scanner('did not find expected alphabetic or numeric character', line);
    case 'UNEXPECTED_TOKEN':
      return unexpectedToken(place, message);
    default:
      return parser(NO_KEY, line);
  }
}
