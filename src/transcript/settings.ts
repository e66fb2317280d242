import { dirname, resolve } from 'node:path';
import type { Choices } from '../cluster/choices.ts';
import { PRESETS } from '../cluster/presets.ts';
import { notOneOf, TranscriptProblem } from './problem.ts';

/** What a transcript says of the cluster and the terminal that it was made with. */
export interface Settings extends Pick<Choices, 'nodes' | 'nodeInstances' | 'seed' | 'clock' | 'epoch'> {
  preset?: string;
  /** The path of a configuration of kind Cluster. */
  config?: string;
  /** The namespace of the current context. */
  namespace?: string;
  /** The width of the terminal that programs find; without it they find none. */
  columns?: number;
}

type Reader = (text: string, file: string) => Partial<Settings> | undefined;

const number =
  (key: 'seed' | 'nodes' | 'columns'): Reader =>
  (text) =>
    /^\d+$/.test(text) ? { [key]: Number(text) } : undefined;

/** By key: how its value is read, and what it must look like. */
const KEYS: Record<string, { read: Reader; like: string }> = {
  preset: { read: (text) => ({ preset: text }), like: PRESETS.join(', ') },
  config: { read: (text, file) => ({ config: resolve(dirname(file), text) }), like: 'cluster.yaml' },
  seed: { read: number('seed'), like: 'a whole number: 1' },
  clock: {
    read: (text) => (text === 'manual' || text === 'real' ? { clock: text } : undefined),
    like: 'manual or real',
  },
  epoch: {
    read: (text) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? { epoch: text } : undefined),
    like: '2026-01-01T00:00:00Z',
  },
  nodes: { read: number('nodes'), like: 'a whole number: 3' },
  'node-instances': {
    read: (text) => (/^\d+(,\d+)*$/.test(text) ? { nodeInstances: text.split(',').map(Number) } : undefined),
    like: '2,3',
  },
  namespace: { read: (text) => ({ namespace: text }), like: 'shop' },
  columns: { read: number('columns'), like: 'a whole number: 120' },
};

export const SETTINGS = Object.keys(KEYS);

/** One setting, as a fence or the front matter has it. `file`: where it stands. Throws TranscriptProblem. */
export function readSetting(key: string, text: string, at: { file: string; line: number }): Partial<Settings> {
  const { read, like } = KEYS[key]!;
  if (key === 'preset' && !PRESETS.includes(text))
    throw new TranscriptProblem(at.line, notOneOf('preset', text, PRESETS));
  const setting = read(text, at.file);
  if (!setting) throw new TranscriptProblem(at.line, `${key}: "${text}" cannot be: it must look like ${like}`);
  return setting;
}
