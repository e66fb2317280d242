/** Where nsenter goes: whose namespaces, which of them, and what it runs there. */
export interface Entering {
  pid: number;
  network: boolean;
  files: boolean;
  command: string[];
}

/** What the arguments of nsenter (util-linux) ask for; undefined if they name no process. */
export function nsenterOf(argv: string[]): Entering | undefined {
  let pid = Number.NaN;
  const spaces = new Set<string>();
  let at = 1;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-')) break;
    const [name, value] = word.split('=') as [string, string?];
    if (name === '-t' || name === '--target') pid = Number(value ?? argv[++at]);
    else if (/^-t\d+$/.test(name)) pid = Number(name.slice(2));
    else if (/^-[SGW]$|^--(setuid|setgid|wdns)$/.test(name)) at += value === undefined ? 1 : 0;
    else for (const space of name.startsWith('--') ? [name.slice(2)] : name.slice(1)) spaces.add(space);
  }
  if (Number.isNaN(pid)) return undefined;
  const has = (...names: string[]) => names.some((name) => spaces.has(name));
  const command = at < argv.length ? argv.slice(at) : ['bash'];
  return { pid, network: has('n', 'net', 'a', 'all'), files: has('m', 'mount', 'a', 'all'), command };
}
