/** A part of a word. `quoted`: it stood in quotes, so that its text is neither split nor a pattern. */
export type Part =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'parameter'; name: string; quoted: boolean; subscript?: Word; operation?: ParameterOperation }
  /** `file`: it stands for a file that holds the output, `<( … )`. */
  | { kind: 'substitution'; body: number; quoted: boolean; file?: true }
  | { kind: 'arithmetic'; expression: Word; quoted: boolean }
  /** An empty pair of quotes still makes a word. */
  | { kind: 'empty' };

export type Word = Part[];

/** `${name OPERATOR word}`: `:-`, `-`, `:=`, `=`, `:?`, `?`, `:+`, `+`, `#`, `##`, `%`, `%%`, `/`, `//`, `:` (slice), `length`, `^`, `^^`, `,`, `,,`, `!`. */
export interface ParameterOperation {
  operator: string;
  word: Word;
  /** The replacement of `/`, the length of a slice. */
  second?: Word;
}

export interface Assignment {
  name: string;
  value: Word;
  append: boolean;
  /** `NAME[subscript]=`, of bash. */
  subscript?: Word;
  /** `NAME=( … )`, of bash: what the array holds. */
  items?: Word[];
}

export interface Redirection {
  fd: number;
  operator: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '<<' | '<<<';
  /** A file, a descriptor's number or `-`, or the here-document's text. */
  target: Word;
}

interface Base {
  /** Its place in `Script.nodes`: frames refer to nodes by it. */
  id: number;
  line: number;
}

export type Node = Base &
  (
    | { kind: 'list'; items: { command: number; background: boolean }[] }
    | { kind: 'andor'; items: number[]; operators: ('&&' | '||')[] }
    | { kind: 'pipeline'; commands: number[]; negated: boolean }
    | { kind: 'simple'; assignments: Assignment[]; words: Word[]; redirections: Redirection[] }
    | { kind: 'if'; clauses: { condition: number; body: number }[]; otherwise?: number; redirections: Redirection[] }
    | { kind: 'while'; until: boolean; condition: number; body: number; redirections: Redirection[] }
    /** `select`: it asks which of the words is meant, again and again. */
    | { kind: 'for'; name: string; words?: Word[]; select?: true; body: number; redirections: Redirection[] }
    | { kind: 'for-arithmetic'; init: Word; condition: Word; update: Word; body: number; redirections: Redirection[] }
    | {
        kind: 'case';
        word: Word;
        items: { patterns: Word[]; body: number; end: ';;' | ';&' | ';;&' }[];
        redirections: Redirection[];
      }
    | { kind: 'group'; body: number; redirections: Redirection[] }
    | { kind: 'subshell'; body: number; redirections: Redirection[] }
    | { kind: 'arithmetic'; expression: Word; redirections: Redirection[] }
    | { kind: 'condition'; words: ConditionWord[]; redirections: Redirection[] }
    | { kind: 'function'; name: string; body: number }
  );

/** A word of `[[ … ]]`: an operator stands for itself. */
export type ConditionWord = { operator: string } | { word: Word };

export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>;

/** A parsed script: nodes refer to each other by index, so that a place in it is a number. */
export interface Script {
  nodes: Node[];
  root: number;
  /** What other shells than bash trip over first. */
  bashOnly?: Unexpected;
}

/** A token that a shell does not expect. */
export interface Unexpected {
  token: string;
  line: number;
}

/** `token` is what was not expected; undefined at the end of the input (which may then only be incomplete). */
export class ShellSyntaxError extends Error {
  constructor(
    readonly token: string | undefined,
    readonly line: number,
    /** Set for an unterminated quote. */
    readonly unterminated?: string,
  ) {
    super(`unexpected ${token ?? 'end of file'}`);
  }

  /** Whether more input might complete the script. */
  get incomplete(): boolean {
    return this.token === undefined;
  }
}
