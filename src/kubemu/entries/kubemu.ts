import { runProcess } from '../process.ts';

/** `kubemu …`; the tools that it gives access to get their own command lines untouched. */
export function main(argv: string[]): void {
  const [verb, ...rest] = argv;
  if (verb === 'kubectl') void import('./kubectl.ts').then((entry) => entry.main(rest));
  else if (verb === 'crictl') void import('./crictl.ts').then((entry) => entry.main(rest));
  else
    void runProcess('kubemu', async (streams) => {
      const { runKubemu } = await import('../program.ts');
      return await runKubemu(argv, streams);
    });
}
