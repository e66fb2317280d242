import type { NodeHost } from '../node/host.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { RegistryImage } from '../sh/images/catalogue.ts';
import type {
  Command,
  FileSystem,
  Machine,
  NetworkAccess,
  OutputChunk,
  ProcessState,
  ResumeOptions,
  Socket,
  SpawnOptions,
  StepResult,
} from '../sh/process.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Lack } from './pull-failure.ts';

export type { RegistryImage };

/** Why a program did not start, as runc words it after `exec: "NAME": `. */
export interface StartFailure {
  failure: string;
}

/** One HTTP exchange as a server in a container sees it. */
export interface ServerRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** The address that it comes from. */
  client?: string;
  /** It came over TLS. */
  tls?: boolean;
}

export interface ServerResponse {
  status: number;
  reason: string;
  headers: Record<string, string>;
  body: string;
  /** It speaks HTTPS. */
  tls?: boolean;
  /** Time alone changes what it answers. */
  fleeting?: boolean;
}

/** What runs programs and knows images: `sh/` behind it. */
export interface Programs {
  /** What the registries know under a normalised reference (`docker.io/library/nginx:1.27`, or with `@sha256:…`). */
  resolve(reference: string): RegistryImage | undefined;
  /** Why `resolve` finds nothing. */
  lack(reference: string): Lack;
  /** The image of an ImageRecord.id; `reference` is a name of it, where one is known, and makes finding it cheaper. */
  image(id: string, reference?: string): RegistryImage | undefined;
  /** The image's own files, read only. */
  files(image: RegistryImage): FileSystem;
  start(image: RegistryImage, program: SpawnOptions, machine: Machine): StepResult | StartFailure;
  /** Runs a process on, up to the machine's time. */
  step(process: ProcessState, machine: Machine, input?: ResumeOptions): StepResult;
  signal(process: ProcessState, machine: Machine, signal: number): StepResult;
  /** The processes that it consists of, as `ps` shows them. */
  processes?(process: ProcessState): ReturnType<NonNullable<Machine['processes']>>;
  /** Whether a TCP port of this process is open. */
  listens(image: RegistryImage, process: ProcessState, port: number): boolean;
  /** The ports that this process has open, with the programs behind them. */
  sockets(process: ProcessState): Socket[];
  /** What its server on that port answers; undefined when it does not speak HTTP. */
  serve(
    image: RegistryImage,
    process: ProcessState,
    machine: Machine,
    port: number,
    request: ServerRequest,
  ): { response: ServerResponse; output?: OutputChunk[]; process?: ProcessState } | undefined;
  /** The same for a server that speaks no HTTP. */
  talk(
    image: RegistryImage,
    process: ProcessState,
    machine: Machine,
    port: number,
    text: string,
  ): { text: string; output?: OutputChunk[]; process?: ProcessState } | undefined;
}

/** What a kubelet needs of the rooms around it, given by `cluster/`. */
export interface Platform {
  programs: Programs;
  /** The network as a pod's processes see it. */
  network(world: ActorWorld, pod: { namespace: string; ip: string; node: string }): NetworkAccess;
  /** Programs that work on the cluster itself, of images with these files: kubectl. */
  commands?(world: ActorWorld, image: FileSystem): Record<string, Command>;
  /** The node's own files: hostPath volumes, static pod manifests. */
  hostFiles(world: ActorWorld, node: string): FileSystem;
  /** The node itself, for programs that leave their container (nsenter, chroot); undefined if there is no such machine. */
  hostMachine?(world: ActorWorld, node: string): Machine | undefined;
  /** systemd's part on a node: what was killed, or could not run, is started again. Answers when it next has to look, ms. */
  supervise?(world: ActorWorld, node: string): Promise<number | undefined>;
  /** What etcd holds, for its own tools. */
  etcd?(): NodeHost['etcd'];
  /** etcd begins on a node, with the data of that folder. */
  etcdBegins?(world: ActorWorld, node: string, folder: string): void;
  /** An API server begins, in that container. */
  apiServerBegins?(world: ActorWorld, record: ContainerRecord, files: FileSystem): void;
  /** Why a node's runtime is not ready for pods, in the kubelet's words; undefined if it is. */
  trouble?(world: ActorWorld, node: string): string | undefined;
  /** Cluster-wide settings of kubelets. */
  settings: KubeletSettings;
}

export interface KubeletSettings {
  clusterDomain: string;
  clusterDNS: string[];
  apiServer: { host: string; port: number };
  /** Signs a service account token for a pod: `audience`, `expirationSeconds`. */
  token(
    pod: { namespace: string; name: string; uid: string; serviceAccount: string },
    audience: string,
    seconds: number,
  ): string;
}
