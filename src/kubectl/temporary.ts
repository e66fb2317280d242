import type { KubectlEnvironment } from './io.ts';

/** The name of a folder that nobody has yet, below the machine's for temporary files (os.MkdirTemp). */
export function temporaryName({ host, randomSuffix }: KubectlEnvironment, prefix: string): string {
  const root = (host.env.TMPDIR ?? host.env.TEMP ?? '/tmp').replace(/\/$/, '');
  const digits = [...randomSuffix(10)].map((letter) => letter.charCodeAt(0) % 10).join('');
  return `${root}/${prefix}${Number(digits) % 2 ** 32}`;
}
