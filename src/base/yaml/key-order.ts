const isLetter = (character: string) => /^\p{L}$/u.test(character);
const isDigit = (character: string | undefined) => character !== undefined && /^\p{Nd}$/u.test(character);

/** The number that `characters` has at `at`, and where it ends. */
function numberAt(characters: string[], at: number, start: number): [value: number, end: number] {
  let value = start;
  let end = at;
  for (; isDigit(characters[end]); end++) value = value * 10 + (characters[end]!.codePointAt(0)! - 48);
  return [value, end];
}

/** go-yaml's order of keys: letters after others, numbers by value. */
export function compareKeys(x: string, y: string): number {
  const [a, b] = [[...x], [...y]];
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] === b[i]) continue;
    const [letterA, letterB] = [isLetter(a[i]!), isLetter(b[i]!)];
    const byCode = a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
    if (letterA && letterB) return byCode;
    if (letterA || letterB) return letterB ? -1 : 1;
    let start = 0;
    if (a[i] === '0' || b[i] === '0') {
      for (let j = i - 1; j >= 0 && isDigit(a[j]); j--) {
        if (a[j] !== '0') {
          start = 1;
          break;
        }
      }
    }
    const [numberA, endA] = numberAt(a, i, start);
    const [numberB, endB] = numberAt(b, i, start);
    return numberA - numberB || endA - endB || byCode;
  }
  return a.length - b.length;
}
