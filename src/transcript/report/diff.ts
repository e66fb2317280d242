import type { DiffLine } from '../compare.ts';
import type { StepResult } from '../run.ts';

/** How a report is coloured. */
export interface Paint {
  want(text: string): string;
  got(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { want: same, got: same, dim: same, strong: same };

/** Lines that are shown around a difference. */
const CONTEXT = 2;

/** Blanks that one would not see: those at the end, and tabs; all of them where nothing else differs. */
function visible(text: string, all: boolean): string {
  if (all) return text.replace(/\t/g, '→').replace(/ /g, '·');
  return text.replace(/\t/g, '→').replace(/ +$/, (blanks) => '·'.repeat(blanks.length));
}

const blankless = (text: string): string => text.replace(/\s+/g, '');

/** A step's differences, line by line: what the file says (`-`, with the line's number) and what came out (`+`). */
export function diffOf({ step, lines, exit, blank }: StepResult, paint: Paint = PLAIN): string[] {
  const raw = (of: 'want' | 'got') =>
    new Set(lines.flatMap((line) => (line.kind === of ? [line.kind === 'want' ? line.want : line.got] : [])));
  const [wanted, printed] = [raw('want'), raw('got')];
  const strange = [...printed].filter((text) => !wanted.has(text)).map(blankless);
  const onlyBlanks = new Set(
    [...wanted].filter((text) => !printed.has(text) && strange.includes(blankless(text))).map(blankless),
  );
  const show = (text: string) => visible(text, onlyBlanks.has(blankless(text)));
  let number = step.from;
  const width = String(step.to + blank).length;
  const out: string[] = [];
  lines.forEach((line, index) => {
    const at = line.kind === 'got' ? ' '.repeat(width) : String(number++).padStart(width);
    if (line.kind === 'want') {
      out.push(paint.want(`${at} - ${show(line.want)}`));
      if (line.why) out.push(`${' '.repeat(width)}   ${line.why}`);
    } else if (line.kind === 'got') out.push(paint.got(`${at} + ${show(line.got)}`));
    else if (isNear(lines, index)) {
      out.push(paint.dim(`${at}   ${line.want}`));
      if (line.kind === 'gap') for (const got of line.got) out.push(paint.dim(`${' '.repeat(width)} ┆ ${got}`));
    }
  });
  if (exit !== step.exit) {
    const mark = step.dialect === 'cram' ? `[${exit}]` : `[exit ${exit}]`;
    const advice =
      exit === 0
        ? `it ended well: take "[exit ${step.exit}]" away if that is right`
        : `it failed: write ${mark} below its output if that is right`;
    out.push(paint.want(`${' '.repeat(width)} - exit code ${step.exit}`));
    out.push(paint.got(`${' '.repeat(width)} + exit code ${exit}`));
    out.push(`${' '.repeat(width)}   ${advice}`);
  }
  return out;
}

const isNear = (lines: readonly DiffLine[], index: number): boolean =>
  lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind === 'want' || kind === 'got');
