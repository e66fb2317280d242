/** What a program of a container calls itself once it runs, and which processes it starts. */
interface Title {
  /** The title of its main process; its command line when absent. */
  own?(argv: string[]): string;
  /** Its children: as whom they run, and what they call themselves. */
  children?(argv: string[], cpus: number): { user?: string; command: string }[];
}

const many = (count: number, command: string, user?: string) =>
  Array.from({ length: count }, () => ({ command, ...(user && { user }) }));

/** By the name of the program. Source: the programs' own setproctitle, and what ps shows of their images. */
const TITLES: Record<string, Title> = {
  nginx: {
    own: (argv) => `nginx: master process ${argv.join(' ')}`,
    children: (_argv, cpus) => many(cpus, 'nginx: worker process', 'systemd+'),
  },
  'httpd-foreground': {
    own: () => 'httpd -DFOREGROUND',
    children: () => many(3, 'httpd -DFOREGROUND', 'www-data'),
  },
  'redis-server': { own: (argv) => `${argv[0]} *:6379` },
  postgres: {
    children: () =>
      ['checkpointer', 'background writer', 'walwriter', 'autovacuum launcher', 'logical replication launcher'].map(
        (command) => ({ command: `postgres: ${command} ` }),
      ),
  },
};

/** A script that prepares a server and becomes it: what it turns into. */
const ENTRYPOINT = /(^|\/)(docker-)?entrypoint\.sh$/;

/** How a container's main process shows itself, and what it has started; `argv` is what the container was started with. */
export function titled(
  argv: string[],
  cpus: number,
): { command: string; children: { user?: string; command: string }[] } {
  const own = ENTRYPOINT.test(argv[0] ?? '') && argv.length > 1 ? argv.slice(1) : argv;
  const title = TITLES[own[0]?.split('/').at(-1) ?? ''];
  return { command: title?.own?.(own) ?? own.join(' '), children: title?.children?.(own, cpus) ?? [] };
}
