import { cramMatcher } from './cram-lines.ts';
import type { Step } from './document.ts';
import { type Bindings, type LineMatcher, lineMatcher, paddedLines } from './placeholders.ts';

/** One line of a comparison, in the order in which a person reads it. */
export type DiffLine =
  | { kind: 'same'; want: string; got: string }
  /** `...` and what it stands for. */
  | { kind: 'gap'; want: string; got: string[] }
  | { kind: 'want'; want: string; why?: string }
  | { kind: 'got'; got: string };

export interface Comparison {
  ok: boolean;
  lines: DiffLine[];
  /** What labelled placeholders stand for after this output. */
  bound: Bindings;
  /** Blank lines after the output that only set the next command off. */
  blank: number;
}

const GAP = /^\s*\.\.\.\s*$/;

/** An output as lines; that its last one has no end cannot be seen in a transcript. */
export function outputLines(output: string): string[] {
  if (output === '') return [];
  const lines = output.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

interface Wanted {
  text: string;
  gap: boolean;
  match: LineMatcher;
}

function wanted({ dialect }: Pick<Step, 'dialect'>, expected: readonly string[]): Wanted[] {
  const padded = paddedLines(expected);
  return expected.map((text, index) => ({
    text,
    gap: dialect === 'markdown' && GAP.test(text),
    match: dialect === 'cram' ? cramMatcher(text) : lineMatcher(text, padded[index]!),
  }));
}

/** Compares what a step expects with what its command printed. */
export function compare(
  step: Pick<Step, 'expected' | 'mode' | 'dialect'>,
  output: string,
  known: Bindings,
): Comparison {
  const got = outputLines(output);
  const expected = [...step.expected];
  while (expected.at(-1)?.trim() === '' && (got.at(-1) !== '' || step.mode !== 'exact')) expected.pop();
  const blank = step.expected.length - expected.length;
  if (step.mode === 'setup')
    return { ok: true, lines: got.map((each) => ({ kind: 'got', got: each })), bound: known, blank };
  const want = wanted(step, expected);
  const { settled, bound } = settle(ALIGN[step.mode](want, got, known), want, known);
  const ok = settled.every(({ kind }) => kind === 'same' || kind === 'gap');
  return { ok, lines: settled, bound, blank };
}

type Align = (want: Wanted[], got: string[], known: Bindings) => DiffLine[];

const ALIGN: Record<Exclude<Step['mode'], 'setup'>, Align> = {
  exact: alignInOrder,
  unordered(want, got, known) {
    const left = [...got];
    const lines: DiffLine[] = want.map((each) => {
      const at = left.findIndex((actual) => 'bound' in each.match(actual, known));
      if (at < 0) return { kind: 'want', want: each.text };
      return { kind: 'same', want: each.text, got: left.splice(at, 1)[0]! };
    });
    return [...lines, ...left.map((actual): DiffLine => ({ kind: 'got', got: actual }))];
  },
  contains(want, got, known) {
    const lines: DiffLine[] = [];
    let at = 0;
    for (const each of want) {
      const found = got.findIndex((actual, index) => index >= at && 'bound' in each.match(actual, known));
      if (found < 0) lines.push({ kind: 'want', want: each.text });
      else lines.push({ kind: 'same', want: each.text, got: got[found]! });
      if (found >= 0) at = found + 1;
    }
    // What was printed is of interest only where something is missing.
    if (lines.every(({ kind }) => kind === 'same')) return lines;
    return [...lines, ...got.map((actual): DiffLine => ({ kind: 'got', got: actual }))];
  },
};

/** The alignment with the fewest lines that differ; `...` takes any number for nothing. */
function alignInOrder(want: Wanted[], got: string[], known: Bindings): DiffLine[] {
  const same = ({ gap, match }: Wanted, index: number) => !gap && 'bound' in match(got[index]!, known);
  if (want.length === got.length && want.every(same))
    return want.map(({ text }, index) => ({ kind: 'same', want: text, got: got[index]! }));
  const width = got.length + 1;
  const cost = new Uint32Array((want.length + 1) * width);
  const matches = new Uint8Array((want.length + 1) * width);
  for (let w = want.length; w >= 0; w--) {
    for (let g = got.length; g >= 0; g--) {
      const here = w * width + g;
      if (w === want.length) {
        cost[here] = got.length - g;
        continue;
      }
      const { gap, match } = want[w]!;
      const skipWant = cost[here + width]! + (gap ? 0 : 1);
      if (g === got.length) {
        cost[here] = skipWant;
        continue;
      }
      let best = Math.min(skipWant, cost[here + 1]! + (gap ? 0 : 1));
      if (!gap) {
        matches[here] = 'bound' in match(got[g]!, known) ? 1 : 0;
        best = Math.min(best, cost[here + width + 1]! + (matches[here] ? 0 : 1));
      }
      cost[here] = best;
    }
  }
  return trace(want, got, { cost, matches, width });
}

function trace(
  want: Wanted[],
  got: string[],
  { cost, matches, width }: { cost: Uint32Array; matches: Uint8Array; width: number },
): DiffLine[] {
  const lines: DiffLine[] = [];
  for (let w = 0, g = 0; w < want.length || g < got.length; ) {
    const here = w * width + g;
    const each = want[w];
    if (each?.gap) {
      const start = g;
      while (g < got.length && cost[(w + 1) * width + g] !== cost[w * width + g]) g++;
      lines.push({ kind: 'gap', want: each.text, got: got.slice(start, g) });
      w++;
    } else if (each && g < got.length && cost[here] === cost[here + width + 1]! + (matches[here] ? 0 : 1)) {
      if (matches[here]) lines.push({ kind: 'same', want: each.text, got: got[g]! });
      else lines.push({ kind: 'want', want: each.text }, { kind: 'got', got: got[g]! });
      w++;
      g++;
    } else if (each && (g === got.length || cost[here] === cost[here + width]! + 1)) {
      lines.push({ kind: 'want', want: each.text });
      w++;
    } else lines.push({ kind: 'got', got: got[g++]! });
  }
  return grouped(lines);
}

/** Differences side by side: first what a run of them should have been, then what it was. */
function grouped(lines: DiffLine[]): DiffLine[] {
  const differs = ({ kind }: DiffLine) => kind === 'want' || kind === 'got';
  const out: DiffLine[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = start;
    while (end < lines.length && differs(lines[end]!)) end++;
    const run = lines.slice(start, end);
    out.push(...run.filter(({ kind }) => kind === 'want'), ...run.filter(({ kind }) => kind === 'got'));
    if (end < lines.length) out.push(lines[end]!);
    start = end + 1;
  }
  return out;
}

/** Goes through what matched, line by line, with what labelled placeholders stand for by then; what they contradict did not match. */
function settle(lines: DiffLine[], want: Wanted[], known: Bindings): { settled: DiffLine[]; bound: Bindings } {
  const bound = new Map(known);
  const matchers = new Map(want.map(({ text, match }) => [text, match]));
  const settled = lines.flatMap((line): DiffLine[] => {
    if (line.kind !== 'same') return [line];
    const answer = matchers.get(line.want)!(line.got, bound);
    if ('why' in answer)
      return [
        { kind: 'want', want: line.want, why: answer.why },
        { kind: 'got', got: line.got },
      ];
    for (const [label, text] of answer.bound) bound.set(label, text);
    return [line];
  });
  return { settled: settled.map((line, index) => explained(line, index, { lines: settled, matchers, bound })), bound };
}

/** A line that nearly matched one beside it says which placeholder was in the way. */
function explained(
  line: DiffLine,
  index: number,
  { lines, matchers, bound }: { lines: DiffLine[]; matchers: Map<string, LineMatcher>; bound: Bindings },
): DiffLine {
  if (line.kind !== 'want' || line.why) return line;
  const after = lines.slice(index).findIndex(({ kind }) => kind !== 'want');
  const beside = [index + after, index - 1, index + after + 1].flatMap((at) => {
    const other = after < 0 ? undefined : lines[at];
    return other?.kind === 'got' || other?.kind === 'gap' ? other.got : [];
  });
  for (const got of beside) {
    const answer = matchers.get(line.want)!(got, bound);
    if ('why' in answer && answer.why) return { ...line, why: answer.why };
  }
  return line;
}
