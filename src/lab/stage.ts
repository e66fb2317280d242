import type { UserInfo } from '../api/request.ts';
import type { Resource } from '../api/schema/registry.ts';
import { type Clock, ManualClock } from '../base/clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { LAB_SECTION } from '../cluster/deeds.ts';
import { ClusterSession } from '../cluster/session.ts';
import { InProcessTransport } from '../cluster/transport.ts';
import type { Transport } from '../kubectl/transport.ts';
import type { LayerEntry } from '../kubelet/files/layer.ts';
import type { FileSystem, Machine } from '../sh/process.ts';
import { MemoryKeeper, restoreState, snapshotState } from '../store/memory-keeper.ts';
import type { MemoryState } from '../store/state.ts';
import type { KubeObject, Pod } from '../types/objects.ts';
import { HOME, type Ran, Workstation } from '../workstation/workstation.ts';

/** How much cluster time a cluster gets to come to rest before it is looked at, ms. */
const SETTLE = 5 * 60_000;
/** How much of it passes in any case, ms: a container that sleeps before it serves looks as if it were at rest. */
const REST = 2 * 60_000;

/** Texts by path. */
export type HomeFiles = Record<string, string>;

/** The files below a folder of the home, but for kubectl's own. */
function homePaths(files: FileSystem, folder = ''): string[] {
  return files.list(`${HOME}${folder && `/${folder}`}`).flatMap((name) => {
    const path = folder ? `${folder}/${name}` : name;
    if (path === '.kube') return [];
    const type = files.stat(`${HOME}/${path}`)?.type;
    return type === 'directory' ? homePaths(files, path) : type === 'file' ? [path] : [];
  });
}

/** A cluster in memory on a manual clock, with the workstation before it: where labs are set up, solved and graded. */
export class Stage {
  readonly session: ClusterSession;
  #workstation: Workstation | undefined;
  #transport: Transport | undefined;

  constructor(
    readonly state: MemoryState,
    private readonly namespace: string,
  ) {
    const wall: Clock = new ManualClock(0);
    this.session = new ClusterSession({ path: '', command: 'kubemu lab', wall, open: () => new MemoryKeeper(state) });
  }

  static restore(snapshot: string, namespace: string): Stage {
    return new Stage(restoreState(snapshot), namespace);
  }

  /** All of the cluster as it is now, as text. */
  async snapshot(): Promise<string> {
    await (await this.cluster()).flush();
    return snapshotState(this.state);
  }

  cluster(): Promise<Cluster> {
    return this.session.writing();
  }

  /** What the lab keeps in the state. */
  memory<T>() {
    return this.state.section<T>(LAB_SECTION);
  }

  /** Runs a line or script on the workstation, or as root on a node. */
  async run(line: string, node?: string): Promise<Ran> {
    return await (await this.#atWork()).run(line, node === undefined ? {} : { node });
  }

  /** The files of the workstation's home folder, by their paths from there. */
  async home(): Promise<HomeFiles> {
    const { files } = await this.#atWork();
    return Object.fromEntries(homePaths(files).map((path) => [path, files.read(`${HOME}/${path}`)]));
  }

  /** Makes the home folder hold just these files. */
  async setHome(wanted: HomeFiles): Promise<void> {
    const workstation = await this.#atWork();
    for (const path of homePaths(workstation.files)) workstation.files.remove(`${HOME}/${path}`);
    for (const [path, text] of Object.entries(wanted)) workstation.put(path, text);
  }

  /** Puts a file into the workstation's home folder. */
  async put(name: string, text: string): Promise<void> {
    (await this.#atWork()).put(name, text);
  }

  async #atWork(): Promise<Workstation> {
    const disk = this.state.section<LayerEntry>('lab/workstation');
    this.#workstation ??= await Workstation.open(this.session, { namespace: this.namespace, disk });
    return this.#workstation;
  }

  /** Lets the cluster come to rest. */
  async settle(): Promise<void> {
    await this.advance(REST);
    await (await this.cluster()).simulation.runUntilSettled(SETTLE - REST);
  }

  async advance(ms: number): Promise<void> {
    const { simulation, clock } = await this.cluster();
    await simulation.runUntil(clock.now() + ms);
  }

  /** An object by `resource[.group]/name`; undefined if there is none. Throws UnknownResource, TransportError. */
  async get(reference: string, namespace = this.namespace): Promise<KubeObject | undefined> {
    const [type = '', name = ''] = reference.split('/');
    const response = await this.#ask(await this.#resource(type), namespace, `/${encodeURIComponent(name)}`);
    return response.status === 200 ? (response.json() as KubeObject) : undefined;
  }

  /** The objects of a type in a namespace (`*`: in all), those that a selector finds. Throws UnknownResource, TransportError. */
  async list(type: string, namespace = this.namespace, selector = ''): Promise<KubeObject[]> {
    const query = selector ? `?labelSelector=${encodeURIComponent(selector)}` : '';
    const response = await this.#ask(await this.#resource(type), namespace === '*' ? '' : namespace, query);
    if (response.status !== 200) throw new UnknownResource((response.json() as { message?: string }).message ?? '');
    return (response.json() as { items: KubeObject[] }).items;
  }

  /** What a process on a node, or in a pod's first container, finds around it; undefined if there is none. */
  async machine(place: string, namespace = this.namespace): Promise<Machine | undefined> {
    const [type, name = ''] = place.split('/');
    const wiring = await (await this.cluster()).wire();
    if (type === 'node') {
      const host = wiring.node(name);
      return host && wiring.machine(host);
    }
    const pod = wiring.kubelets.client.get('pods', namespace, name);
    return pod && wiring.inside(pod as Pod);
  }

  async #ask(resource: Resource, namespace: string, rest: string) {
    const { group, version, plural, namespaced } = resource;
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const scope = namespaced && namespace !== '' ? `/namespaces/${namespace}` : '';
    return await (await this.#api()).request({ method: 'GET', path: `${root}${scope}/${plural}${rest}` });
  }

  async #api(): Promise<Transport> {
    if (this.#transport) return this.#transport;
    const { spec } = await this.cluster();
    const [token = ''] = Object.keys(this.state.section<Record<string, UserInfo>>('cluster').get('tokens') ?? {});
    const target = { server: spec.apiServer, user: { token }, userAgent: 'kubemu-lab' };
    this.#transport = new InProcessTransport({ session: this.session, target });
    return this.#transport;
  }

  /** A resource by any of its names, in its group's preferred version; those of the core group come first. */
  async #resource(type: string): Promise<Resource> {
    const api = await (await this.cluster()).api();
    await api.prepare();
    const { registry } = api.world;
    // RESOURCE, RESOURCE.GROUP, RESOURCE.VERSION.GROUP
    const [, word, wanted, group = ''] = /^([^.]+)(?:\.(v\d[a-z0-9]*))?(?:\.(.+))?$/.exec(type.toLowerCase()) ?? [];
    const groups = registry.data.groups.filter(
      ({ name }) => group === '' || name === group || name.startsWith(`${group}.`),
    );
    for (const { name, versions } of [...groups].sort((a, b) => Number(a.name !== '') - Number(b.name !== ''))) {
      for (const version of wanted ? versions.filter((served) => served === wanted) : versions) {
        for (const resource of registry.resources(name, version)?.values() ?? []) {
          const names = [resource.plural, resource.singular, resource.kind.toLowerCase(), ...resource.shortNames];
          if (word && names.includes(word) && resource.verbs.length > 0) return resource;
        }
      }
    }
    throw new UnknownResource(`the cluster has no resource named ${type}`);
  }
}

/** A type that the cluster does not serve (now). */
export class UnknownResource extends Error {}
