import { CorefileError, parseCorefile, portsOf } from '../../network/dns/corefile.ts';
import type { FileSystem } from '../process.ts';
import type { Server } from './server.ts';

function corefile(argv: string[], files: FileSystem): { path: string; text: string | undefined } {
  const at = argv.indexOf('-conf');
  const path = at < 0 ? '/Corefile' : (argv[at + 1] ?? '');
  try {
    return { path, text: files.read(path) };
  } catch {
    return { path, text: undefined };
  }
}

/** Reads its Corefile when it starts. Asked over its port it tells what it goes by: the network answers the questions from that. */
export const coredns: Server = {
  begin(io) {
    const { path, text } = corefile(io.argv, io.machine.files);
    if (text === undefined) {
      io.out('.:53\n');
      return { ports: [53], memory: '' };
    }
    try {
      const blocks = parseCorefile(text, path);
      for (const { zones, port } of blocks) for (const zone of zones) io.out(`${zone}.:${port}\n`);
      return { ports: portsOf(blocks), memory: text };
    } catch (error) {
      if (!(error instanceof CorefileError)) throw error;
      io.out(`${error.message}\n`);
      return 1;
    }
  },

  talk({ memory, argv, machine }) {
    const { path, text } = corefile(argv, machine.files);
    if (text === undefined || text === memory) return { text: memory as string };
    try {
      // The plugin `reload` takes a changed file, if it is a right one.
      parseCorefile(text, path);
      return { text, memory: text };
    } catch {
      return { text: memory as string };
    }
  },
};
