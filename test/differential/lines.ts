/** Variables of a command's environment. */
type Variables = Record<string, string>;

/** A line of a list of commands: what kubectl is told, what a shell is told, or how long the cluster is left alone; `before` there are two clusters. */
export type Line = (
  | { advance: string }
  | { command: string; argv: string[]; shell?: boolean; variables?: Variables }
) & { before: boolean };

/** Splits a line into words as a shell does: quotes keep blanks together. */
export function words(line: string): string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)) {
    found.push(word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) => single ?? double ?? escaped));
  }
  return found;
}

/** `get {pods,svc} -o {wide,name}` stands for four commands. A brace with a blank or a colon in it is left as it is. */
export function expand(line: string): string[] {
  const [whole, before = '', choices = '', after = ''] = /^([^{]*)\{([^{}\s:]*,[^{}\s:]*)\}(.*)$/.exec(line) ?? [];
  if (whole === undefined) return [line];
  return choices.split(',').flatMap((choice) => expand(`${before}${choice}${after}`));
}

/**
 * The lines of a list: `# …` says something, `! 10s` lets time pass, `$ …` is a shell's, which finds the kubectl in question on its PATH,
 * `@ …` is done to the cluster before it is copied, `% NAME=value` sets a variable for all that follows.
 */
export function linesOf(text: string): Line[] {
  let variables: Variables = {};
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .flatMap((line): Line[] => {
      const before = line.startsWith('@ ');
      const typed = before ? line.slice(2) : line;
      const [, name, value = ''] = /^% (\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) {
        variables = { ...variables, [name]: value };
        return [];
      }
      if (typed.startsWith('! ')) return [{ advance: typed.slice(2).trim(), before }];
      if (typed.startsWith('$ ')) {
        return [{ command: typed, argv: ['sh', '-c', typed.slice(2)], shell: true, variables, before }];
      }
      return expand(typed).map((command) => ({ command, argv: words(command), variables, before }));
    });
}
