/**
 * Breaks lines at spaces before they get longer than `limit`, as mitchellh/go-wordwrap does: line breaks and runs of spaces
 * within a line stay, words that are longer than a line are not cut.
 */
export function wordWrap(text: string, limit: number): string {
  let result = '';
  let used = 0;
  let space = '';
  let word = '';
  const flush = () => {
    used += space.length + [...word].length;
    result += space + word;
    space = word = '';
  };
  for (const character of text) {
    if (character === '\n') {
      if (word || used + space.length <= limit) flush();
      space = '';
      result += '\n';
      used = 0;
    } else if (/\s/.test(character) && character !== '\u00a0') {
      if (!space || word) flush();
      space += character;
    } else {
      word += character;
      const length = [...word].length;
      if (used + length + space.length > limit && length < limit) {
        result += '\n';
        used = 0;
        space = '';
      }
    }
  }
  return word || used + space.length <= limit ? result + space + word : result;
}

/** Puts `amount` spaces before every line, empty ones too. */
export const indent = (text: string, amount: number): string =>
  ' '.repeat(amount) + text.replaceAll('\n', `\n${' '.repeat(amount)}`);
