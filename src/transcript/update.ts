import type { DiffLine } from './compare.ts';
import { lineMatcher, literal } from './placeholders.ts';
import type { StepResult } from './run.ts';

/** The text of a transcript with what its commands print now: what still matches stays as it is, placeholders too. */
export function updated(text: string, results: readonly StepResult[]): string {
  const lines = text.split('\n');
  for (const result of [...results].sort((a, b) => b.step.from - a.step.from)) {
    const { step, ok, exit, blank } = result;
    if (ok) continue;
    const cr = lines[step.line - 1]!.endsWith('\r') ? '\r' : '';
    const marker = step.dialect === 'cram' ? `[${exit}]` : `[exit ${exit}]`;
    const fresh = [...(step.mode === 'setup' ? step.expected : expectedNow(result)), ...(exit === 0 ? [] : [marker])];
    const trailing = step.mode === 'setup' ? [] : step.expected.slice(step.expected.length - blank);
    const written = [...fresh, ...trailing].map((line) =>
      line === '' && step.dialect === 'markdown' ? cr : `${step.indent}${line}${cr}`,
    );
    lines.splice(step.from - 1, step.to - step.from, ...written);
  }
  return lines.join('\n');
}

function expectedNow({ step, lines }: StepResult): string[] {
  if (step.mode === 'contains') {
    const kept = lines.flatMap((line) => (line.kind === 'same' ? [line.want] : []));
    return kept.length > 0 ? kept : lines.flatMap((line) => (line.kind === 'got' ? [literal(line.got)] : []));
  }
  return lines.flatMap((line, index): string[] => {
    if (line.kind === 'want') return [];
    return [line.kind === 'got' ? withPlaceholders(partner(lines, index), line.got) : line.want];
  });
}

/** The expected line in whose stead a line was printed: the one at the same place in its run of differences. */
function partner(lines: readonly DiffLine[], index: number): string | undefined {
  let start = index;
  while (start > 0 && (lines[start - 1]!.kind === 'want' || lines[start - 1]!.kind === 'got')) start--;
  const run = lines.slice(start, index + 1);
  const nth = run.filter(({ kind }) => kind === 'got').length - 1;
  const wants = lines.slice(start).flatMap((line) => (line.kind === 'want' ? [line.want] : []));
  return wants[nth];
}

/** What was printed, with the placeholders of those columns of the old line that still match. */
function withPlaceholders(old: string | undefined, got: string): string {
  if (old === undefined) return literal(got);
  const cells = (line: string) => line.split(/( {2,})/);
  const before = cells(old).filter((_, index) => index % 2 === 0);
  const now = cells(got);
  if (before.length !== (now.length + 1) / 2) return literal(got);
  const kept = now.map((cell, index) => {
    if (index % 2) return cell;
    const match = lineMatcher(before[index / 2]!, false)(cell, new Map());
    return 'bound' in match ? before[index / 2]! : literal(cell);
  });
  // Where the placeholder is longer or shorter than its text, the column stays where it was if it can.
  return kept
    .map((cell, index) =>
      index % 2 ? ' '.repeat(Math.max(2, cell.length + now[index - 1]!.length - kept[index - 1]!.length)) : cell,
    )
    .join('');
}
