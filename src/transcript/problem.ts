/** Something about a file that makes it unusable, at a line of it (1 is the first). */
export class TranscriptProblem extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** The nearest of `words` to a word that is none of them; undefined if none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const scored = words.map((candidate) => ({ candidate, distance: distance(word, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** `unordred is no mode: setup, … are (did you mean unordered?)` */
export function notOneOf(what: string, word: string, words: readonly string[]): string {
  const near = nearest(word, words);
  return `"${word}" is no ${what}${near ? `; did you mean "${near}"?` : ''}\nThere ${words.length > 1 ? 'are' : 'is'}: ${words.join(', ')}`;
}
