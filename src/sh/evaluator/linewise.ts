/** Options with which a filter treats each line by itself. */
const ALONE: Record<string, RegExp> = {
  grep: /^(-[ivEFGPwxoh]+|--(line-buffered|ignore-case|invert-match|color(=\w+)?|extended-regexp|fixed-strings))$/,
  cut: /^(-[bcdf].*|-s|--(delimiter|fields|characters)=.*)$/,
  tr: /^-[cds]+$/,
};
const SAME: Record<string, string> = { egrep: 'grep', fgrep: 'grep' };
/** How many words follow the options where it reads its input and no files. */
const OPERANDS: Record<string, readonly number[]> = { grep: [1], cut: [0], tr: [1, 2] };

/** Whether a filter writes a line as soon as it has read it and keeps nothing of it: `journalctl -f | grep x`. */
export function isLinewise([command = '', ...args]: string[]): boolean {
  const name = command.split('/').at(-1)!;
  const kind = SAME[name] ?? name;
  const alone = Object.hasOwn(ALONE, kind) ? ALONE[kind] : undefined;
  if (!alone) return false;
  // The value of -e, -d or -f may stand apart.
  const words = args.filter((word, index) => !(kind === 'cut' && /^-[bcdf]$/.test(args[index - 1] ?? '') && word));
  const options = words.filter((word) => /^-./.test(word));
  return options.every((word) => alone.test(word)) && OPERANDS[kind]!.includes(words.length - options.length);
}
