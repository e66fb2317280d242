/** The value of `--name=VALUE` or `--name VALUE`. */
export function flag(argv: string[], name: string): string | undefined {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return argv[at]!.includes('=') ? argv[at]!.slice(name.length + 3) : argv[at + 1];
}
