import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DEFINITIONS } from '../api/custom/definition.ts';
import { sealUsed } from '../api/encryption/history.ts';
import { sealed } from '../api/encryption/sealing.ts';
import { storageKey } from '../api/storage/keys.ts';
import { stored } from '../api/storage/protobuf.ts';
import type { FileSystem } from '../sh/process.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { KubeObject } from '../types/objects.ts';

/** Which data etcd works with, by node: its folder, and the file that was read from there last. */
interface ActiveData {
  folder: string;
  loaded?: string;
}

const SECTION = 'etcd/data';
const DEFAULT = '/var/lib/etcd';
const DATABASE = 'member/snap/db';

type Saved = [resource: string, objects: KubeObject[]][];

/** What etcdctl sees of the objects in a store. */
export function etcdOf(store: ObjectStore, state: State) {
  const all = (): Saved => store.resources().map((resource) => [resource, store.list(resource)]);
  const own = new Set(store.list(DEFINITIONS).map(({ metadata }) => metadata.name));
  const keyOf = (resource: string, object: KubeObject) => storageKey(resource, object, own.has(resource));
  return {
    dump() {
      const saved = all();
      const keys = saved.reduce((sum, [, objects]) => sum + objects.length, 0);
      return { revision: store.revision, keys, text: gzipSync(JSON.stringify(saved)).toString('base64') };
    },
    keys: () =>
      all()
        .flatMap(([resource, objects]) => objects.map((object) => keyOf(resource, object)))
        .sort(),
    value(key: string): string {
      for (const [resource, objects] of all()) {
        const object = objects.find((one) => keyOf(resource, one) === key);
        if (object) return atRest(state, resource, object);
      }
      return '';
    },
  };
}

/** An object as etcd holds it, as text. */
function atRest(state: State, resource: string, object: KubeObject): string {
  const { uid, resourceVersion } = object.metadata;
  return sealed(sealUsed(state, resource, object), stored(object), `${uid}/${resourceVersion}`).toString();
}

/** Mirrors of static pods are their kubelets' own: they make them again as their manifests are. */
const isMirror = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['kubernetes.io/config.source'] === 'file';

/** Makes a store hold what was saved, and nothing else. */
function load(store: ObjectStore, text: string): void {
  const saved = new Map(
    JSON.parse(gunzipSync(Buffer.from(text.replace(/^etcd-snapshot .*\n/, ''), 'base64')).toString()) as Saved,
  );
  for (const resource of store.resources()) {
    const kept = new Set(
      (saved.get(resource) ?? []).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
    );
    for (const object of store.list(resource)) {
      const { metadata } = object;
      if (isMirror(object)) continue;
      if (!kept.has(`${metadata.namespace ?? ''}/${metadata.name}`))
        store.remove(resource, metadata.namespace ?? '', metadata.name!);
    }
  }
  for (const [resource, objects] of saved)
    for (const object of objects) if (!isMirror(object)) store.write(resource, object);
}

/** etcd begins on a node, with the data of a folder: what was restored there is what the cluster holds from now on. */
export function beginWith(store: ObjectStore, state: State, files: FileSystem, node: string, folder: string): void {
  const section = state.section<ActiveData>(SECTION);
  const active = section.get(node) ?? { folder: DEFAULT };
  const path = `${folder}/${DATABASE}`;
  const text = files.stat(path) ? files.read(path) : '';
  const loaded = text ? createHash('sha256').update(text).digest('hex') : undefined;
  if (!loaded || (loaded === active.loaded && folder === active.folder)) return;
  if (folder !== active.folder && files.stat(`${active.folder}/member/snap`))
    files.write(`${active.folder}/${DATABASE}`, etcdOf(store, state).dump().text, { mode: 0o600 });
  load(store, text);
  section.set(node, { folder, loaded });
}
