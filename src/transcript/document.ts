import type { Settings } from './settings.ts';

/** What of a command's output is compared: both streams as a terminal shows them, or one of them. */
export type Streams = 'both' | 'ignore' | 'only';

/** `exact`: line by line; `unordered`: the same lines; `contains`: these lines, in this order, with others between; `setup`: nothing. */
export type Mode = 'exact' | 'unordered' | 'contains' | 'setup';

/** Where a command is typed; without `node` on the workstation. */
export interface Prompt {
  node?: string;
  user?: string;
  /** The folder that the prompt shows. */
  folder?: string;
}

/** A command and what a file says that it prints. Lines count from 1. */
export interface Step {
  line: number;
  prompt: Prompt;
  command: string;
  /** As they stand in the file, but for the indent. */
  expected: string[];
  /** The first line of the file that belongs to the output, and the one after its last: what `--update` replaces. */
  from: number;
  to: number;
  exit: number;
  mode: Mode;
  streams: Streams;
  /** What stands before each line of the output in the file. */
  indent: string;
  dialect: 'markdown' | 'cram';
}

/** What a file asks for, in order. */
export type Action =
  | { kind: 'cluster'; line: number; settings: Settings }
  | { kind: 'file'; line: number; path: string; text: string }
  | { kind: 'step'; step: Step };

/** A transcript: Markdown or cram. */
export interface Transcript {
  file: string;
  text: string;
  actions: Action[];
}
