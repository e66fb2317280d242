import type { Departure, Machine } from '../../sh/process.ts';
import { containersOf, sandboxesOf } from '../crictl/records.ts';
import type { NodeHost } from '../host.ts';
import { nsenterOf } from './nsenter.ts';

/** Where an interactive `exec` of a runtime's client goes, and what it runs there: its flags with values, by its name. */
const CLIENTS: Record<string, RegExp> = {
  crictl: /^(-[rc]|--(transport|timeout|tls-\w+|runtime-endpoint|image-endpoint|config))$/,
  docker: /^(-[uwe]|--(user|workdir|env))$/,
  nerdctl: /^(-[nauwe]|--(namespace|address|user|workdir|env))$/,
};

/** The container and the command of `crictl exec -it ID sh`; undefined for what is no such line. */
export function interactiveExec(argv: string[]): { reference: string; command: string[] } | undefined {
  const valued = CLIENTS[argv[0]!];
  if (!valued) return undefined;
  const letters: string[] = [];
  const words: string[] = [];
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!;
    if (words.length === 2 && words[0] === 'exec') {
      words.push(...argv.slice(at));
      break;
    }
    if (!word.startsWith('-')) words.push(word);
    else if (valued.test(word)) at++;
    else
      letters.push(
        /^--interactive(=true)?$/.test(word)
          ? 'i'
          : /^--tty(=true)?$/.test(word)
            ? 't'
            : word.startsWith('--')
              ? ''
              : word,
      );
  }
  const [verb, reference, ...command] = words;
  const given = letters.join('');
  if (verb !== 'exec' || !reference || command.length === 0 || !/i/.test(given) || !/t/.test(given)) return undefined;
  return { reference, command };
}

/** Programs of the node that tell of its own network: in another one, those that every machine has do. */
const OF_THE_NETWORK = new Set(['ip', 'ss', 'netstat', 'ifconfig', 'route', 'arp', 'bridge', 'conntrack']);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a program of a node goes that leaves it for one of its containers, wholly or to its network alone. */
export function departureOf(host: NodeHost, argv: string[], around: () => Machine): Departure | undefined {
  if (argv[0] === 'nsenter') {
    const target = nsenterOf(argv);
    const sandboxes = sandboxesOf(host);
    const sandboxOf = (id: string) => sandboxes.find((one) => one.id === id);
    const container =
      target &&
      containersOf(host).find(
        ({ state, pid, sandbox }) =>
          state === 'running' && (pid === target.pid || sandboxOf(sandbox)?.pid === target.pid),
      );
    const inside = container && host.runtime.enter(container.id);
    if (!inside || !(target.network || target.files)) return undefined;
    const { machine, env } = inside;
    if (target.files) return { machine, env, argv: target.command };
    const { network, sockets } = machine;
    const own = around();
    const { ip: address = '', hostNetwork } = sandboxOf(container.sandbox) ?? {};
    if (hostNetwork) return undefined;
    const commands = Object.fromEntries(Object.entries(own.commands).filter(([name]) => !OF_THE_NETWORK.has(name)));
    return {
      machine: { ...own, address, network, commands, ...(sockets && { sockets }) },
      env: { PATH },
      argv: target.command,
    };
  }
  const line = interactiveExec(argv);
  const found = line && containersOf(host).filter(({ id }) => id.startsWith(line.reference));
  const inside = found?.length === 1 ? host.runtime.enter(found[0]!.id) : undefined;
  return inside && { ...inside, env: { ...inside.env, TERM: 'xterm' }, argv: line!.command };
}
