/** What the plugin's command line asks for. */
export interface NodeShellArguments {
  node: string;
  /** What runs instead of a login shell. */
  command: string[];
  /** Passed to every kubectl call. */
  kubectl: string[];
  contextGiven: boolean;
  namespaceGiven: boolean;
  image: string;
  /** -x: the host's root below /host, no nsenter. */
  plain: boolean;
  claims: string[];
  namespaces: Record<'ipc' | 'mount' | 'pid' | 'net' | 'uts', boolean>;
}

/** A command line that ends the plugin at once: what it prints, and its exit code. */
export class NodeShellExit extends Error {
  constructor(
    readonly text: string,
    readonly code: number,
  ) {
    super(text);
  }
}

export const VERSION = '1.11.0';

type Namespace = keyof NodeShellArguments['namespaces'];

/** Reads the plugin's arguments. Source: kubectl-node-shell 1.11.0. */
export function parseNodeShellArguments(argv: string[]): NodeShellArguments {
  const result: NodeShellArguments = {
    node: '',
    command: [],
    kubectl: [],
    contextGiven: false,
    namespaceGiven: false,
    image: '',
    plain: false,
    claims: [],
    namespaces: { ipc: true, mount: true, pid: true, net: true, uts: true },
  };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    const value = () => argv[++at] ?? '';
    const [, inline = ''] = word.split(/=(.*)/s);
    if (word === '-v' || word === '--version') throw new NodeShellExit(`kubectl-node-shell ${VERSION}\n`, 0);
    if (word === '--') {
      result.command = argv.slice(at + 1);
      break;
    }
    if (word === '--context' || word.startsWith('--kubecontext=')) {
      result.contextGiven = true;
      result.kubectl.push('--context', inline || value());
    } else if (word === '--kubeconfig') result.kubectl.push('--kubeconfig', value());
    else if (word.startsWith('--kubeconfig=')) result.kubectl.push(word);
    else if (word === '-n' || word === '--namespace' || word.startsWith('--namespace=')) {
      result.namespaceGiven = true;
      result.kubectl.push('--namespace', inline || value());
    } else if (word === '-m' || word === '--mount') result.claims.push(value());
    else if (word === '-x') result.plain = true;
    else if (word === '--image') result.image = value();
    else if (/^--no-(ipc|mount|pid|net|uts)$/.test(word)) result.namespaces[word.slice(5) as Namespace] = false;
    else if (result.node) throw new NodeShellExit('exactly one node required\n', 1);
    else result.node = word.replace(/^node\//, '');
  }
  if (!result.node) throw new NodeShellExit('Please specify node name\n', 1);
  return result;
}
