import {
  type ContainerRecord,
  type ImageRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../../types/node-runtime.ts';
import { CriError, type NodeHost } from '../host.ts';
import { recordsOn } from '../records.ts';

const all = <T>({ state, name }: NodeHost, section: string): T[] => recordsOn<T>(state, section, name);

const newestFirst = <T extends { createdAt: number }>(records: T[]): T[] =>
  [...records].sort((a, b) => b.createdAt - a.createdAt);

/** Containers of this node, newest first. */
export const containersOf = (host: NodeHost): ContainerRecord[] =>
  newestFirst(all<ContainerRecord>(host, RUNTIME_SECTIONS.containers));

/** Sandboxes of this node, newest first. */
export const sandboxesOf = (host: NodeHost): SandboxRecord[] =>
  newestFirst(all<SandboxRecord>(host, RUNTIME_SECTIONS.sandboxes));

/** Images of this node, by their first name. */
export const imagesOf = (host: NodeHost): ImageRecord[] => {
  const key = (image: ImageRecord) => image.repoTags[0] ?? image.repoDigests[0] ?? image.id;
  return all<ImageRecord>(host, RUNTIME_SECTIONS.images).sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

/** What containerd says of a container that it does not have. */
export const notFoundContainer = (id: string): CriError =>
  new CriError('NotFound', `an error occurred when try to find container ${JSON.stringify(id)}: not found`);

/** The one record whose id begins so, or throws NotFound in containerd's words. */
export function byId<T extends { id: string }>(records: T[], id: string, what: 'container' | 'sandbox'): T {
  const found = records.filter((record) => record.id.startsWith(id));
  if (found.length === 1) return found[0]!;
  throw what === 'container'
    ? notFoundContainer(id)
    : new CriError('NotFound', 'an error occurred when try to find sandbox: not found');
}

/** Names that a reference may be short for: `nginx` is docker.io/library/nginx:latest. */
export function imageNames(reference: string): string[] {
  const [first = ''] = reference.split('/');
  const hasHost = reference.includes('/') && /[.:]|^localhost$/.test(first);
  const full = hasHost
    ? reference
    : reference.includes('/')
      ? `docker.io/${reference}`
      : `docker.io/library/${reference}`;
  return /[:@][^/]*$/.test(full) ? [full] : [`${full}:latest`];
}

/** The image that an id, a part of one, or a name stands for. */
export function findImage(host: NodeHost, reference: string): ImageRecord | undefined {
  const names = imageNames(reference);
  return imagesOf(host).find(
    (image) =>
      image.repoTags.some((tag) => names.includes(tag)) ||
      image.repoDigests.some((digest) => names.includes(digest)) ||
      (/^(sha256:)?[0-9a-f]{3,}$/.test(reference) &&
        image.id.replace('sha256:', '').startsWith(reference.replace('sha256:', ''))),
  );
}
