import { emitYaml } from '../base/yaml/emit.ts';
import { administratorOf } from '../cluster/administrator.ts';
import { makeFolders } from '../cluster/command-host.ts';
import type { ClusterSession } from '../cluster/session.ts';
import { CommandError } from '../kubectl/errors.ts';
import { emptyKubeconfig, toFile } from '../kubectl/kubeconfig/config.ts';
import { type LayerEntry, LayerFiles } from '../kubelet/files/layer.ts';
import { MountTree } from '../kubelet/files/mount-tree.ts';
import { RenderedFiles } from '../node/files/rendered.ts';
import { absolute } from '../sh/evaluator/evaluation.ts';
import type { Command, FileSystem, Machine, NetworkAccess } from '../sh/process.ts';
import type { Section } from '../store/section.ts';
import { MemoryState } from '../store/state.ts';
import { addCluster } from './kubeconfig.ts';
import { kubectl } from './kubectl.ts';
import { loginMachine } from './login.ts';
import { programs } from './programs.ts';
import { type Ran, Shell } from './shell.ts';

export type { Ran } from './shell.ts';

export interface WorkstationOptions {
  /** Files to begin with, by their paths: relative ones lie in the home folder. */
  files?: Record<string, string>;
  /** The namespace of the current context. */
  namespace?: string;
  /** What keeps its files, where they outlive it. */
  disk?: Section<LayerEntry>;
  /** Programs beside the workstation's own, by name. */
  programs?: Record<string, Command>;
}

const HOSTNAME = 'workstation';
const USER = 'user';
export const HOME = `/home/${USER}`;

/** What a machine has that nobody has written to. */
const SHIPPED: Record<string, string> = {
  '/etc/hostname': `${HOSTNAME}\n`,
  '/etc/hosts': `127.0.0.1\tlocalhost\n127.0.1.1\t${HOSTNAME}\n`,
  '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\n${USER}:x:1000:1000:${USER}:${HOME}:/bin/bash\n`,
};

const NO_NETWORK: NetworkAccess = {
  query: () => ({ failure: 'timeout' }),
  connect: () => 'no-route',
  ping: () => 'no-route',
  http: () => ({ failure: 'no-route' }),
  talk: () => ({ failure: 'no-route' }),
};

/**
 * The machine at which somebody with kubectl sits: a shell, a home folder in memory and the cluster's tools, all simulated in this
 * process. Nothing of it touches the host's files, programs or network.
 */
export class Workstation {
  readonly files: FileSystem;
  readonly #machine: Machine;
  readonly #shells = new Map<string, Shell>();

  private constructor(
    private readonly session: ClusterSession,
    server: string,
    options: WorkstationOptions,
  ) {
    const now = () => session.current!.clock.now();
    const shipped = Object.fromEntries(Object.entries(SHIPPED).map(([path, text]) => [path, () => text]));
    const base = new RenderedFiles([{ folders: ['/'], files: () => shipped }], now());
    const disk = options.disk ?? new MemoryState().section<LayerEntry>('files');
    this.files = new MountTree(new LayerFiles(disk, HOSTNAME, now, base), []);
    makeFolders(this.files, HOME);
    const place = {
      now,
      reach(asked: string) {
        if (asked !== server)
          throw new CommandError(`the server ${asked} is not this cluster's, and this kubectl talks to no other`);
      },
    };
    const own = { ...programs(session), kubectl: kubectl(session, place), ...options.programs };
    this.#machine = {
      hostname: HOSTNAME,
      files: this.files,
      now,
      network: NO_NETWORK,
      commands: Object.fromEntries(Object.entries(own).map(([name, command]) => [name, this.#timed(command)])),
      flavour: 'bash',
    };
  }

  /** A workstation of a cluster, whose kubeconfig speaks as the administrator. */
  static async open(session: ClusterSession, options: WorkstationOptions = {}): Promise<Workstation> {
    const { spec, state } = await session.glance();
    const workstation = new Workstation(session, spec.apiServer, options);
    const section = state.section<unknown>('cluster');
    const config = emptyKubeconfig();
    const { namespace, files = {} } = options;
    const user = administratorOf(section);
    addCluster(config, section.get('name') as string, { server: spec.apiServer, user, namespace });
    workstation.put('.kube/config', emitYaml(toFile(config)), 0o600);
    for (const [path, text] of Object.entries(files)) workstation.put(path, text);
    return workstation;
  }

  /** Writes a file, and makes the folders that lead to it; a relative path begins in the home folder. */
  put(path: string, text: string, mode?: number): void {
    const at = absolute(HOME, path);
    makeFolders(this.files, at.slice(0, at.lastIndexOf('/')));
    this.files.write(at, text, { mode });
  }

  /**
   * Runs a line of shell, or a script, at the workstation's prompt, or at that of a node's user (`root` unless given). Each prompt
   * keeps its folder, variables, functions and aliases from line to line. `folder`: where the prompt is, if it was moved meanwhile.
   * Throws UserError for a node that is not there.
   */
  async run(
    line: string,
    options: { node?: string; user?: string; folder?: string; columns?: number } = {},
  ): Promise<Ran> {
    const { node, user = 'root', folder, columns } = options;
    if (node !== undefined) this.session.begin(`kubemu ssh ${user}@${node} ${line}`);
    const shell = this.#shell(node, user);
    if (folder !== undefined) await shell.run(`__status=$?; cd ${folder} 2>/dev/null; (exit $__status)`, columns);
    const ran = await shell.run(line, columns);
    await this.session.letGo();
    return ran;
  }

  #shell(node: string | undefined, user: string): Shell {
    const key = node === undefined ? '' : `${user}@${node}`;
    let shell = this.#shells.get(key);
    if (!shell) {
      shell =
        node === undefined
          ? new Shell(this.session, async () => this.#machine, USER)
          : new Shell(this.session, loginMachine(this.session, node), user);
      this.#shells.set(key, shell);
    }
    return shell;
  }

  /** A program as a command of its own: the cluster's clock goes on for it, and what it did lasts. */
  #timed(command: Command): Command {
    return (context) => {
      this.session.begin(context.argv.join(' '));
      const result = command(context);
      if (!(result instanceof Promise)) return result;
      return result.then(async (answer) => {
        await this.session.letGo();
        return answer;
      });
    };
  }
}
