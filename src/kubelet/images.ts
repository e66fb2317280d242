import { formatDuration } from '../base/duration.ts';
import { recordsOn } from '../node/records.ts';
import type { State } from '../store/section.ts';
import { type ImageRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import { type Backoff, isInBackOffSinceUpdate, nextBackOff } from './backoff.ts';
import { type ImageReference, imageProblem, parseImage } from './image-reference.ts';
import { findContainer } from './names.ts';
import type { RegistryImage } from './platform.ts';
import type { PodScope } from './pod/scope.ts';
import { failureText, pullFailure } from './pull-failure.ts';
import { TIMING } from './timing.ts';

/** When a node's image puller is free again: pulls go one after the other. */
const PULLS = 'kubelet/pulls';

interface PullQueue {
  until: number;
  /** Images that are being pulled or will be. */
  ids: string[];
}

/** The reason and message of a container that waits for its image. */
export interface ImageFailure {
  reason: string;
  message: string;
}

const images = (state: State) => state.section<ImageRecord>(RUNTIME_SECTIONS.images);

/** The images of a node, in the order of their ids. */
export const nodeImages = (state: State, node: string): ImageRecord[] =>
  recordsOn<ImageRecord>(state, RUNTIME_SECTIONS.images, node);

/** What the registries know of an image by its id. */
export const imageOf = (scope: PodScope, id: string): RegistryImage | undefined =>
  scope.platform.programs.image(id, images(scope.world.state).get(`${scope.worker.node}/${id}`)?.repoTags[0]);

/** The image on this node that a reference names. */
export function findImage(scope: PodScope, image: string): ImageRecord | undefined {
  const reference = parseImage(image);
  return nodeImages(scope.world.state, scope.worker.node).find(
    (record) =>
      record.id === image ||
      (reference &&
        (record.repoTags.includes(reference.normalised) || record.repoDigests.includes(reference.normalised))),
  );
}

/** Adds a pulled image, or a further tag of one that is there, to a node's store; answers the same record if it knew all that. */
export function storeImage(
  state: State,
  node: string,
  image: RegistryImage,
  reference: ImageReference,
  now: number,
): ImageRecord {
  const key = `${node}/${image.id}`;
  const old = images(state).get(key);
  const tags = new Set([
    ...(old?.repoTags ?? []),
    ...(reference.tag && !reference.digest ? [reference.normalised] : []),
  ]);
  const digests = new Set([...(old?.repoDigests ?? []), `${image.repository}@${image.digest}`]);
  if (old && tags.size === old.repoTags.length && digests.size === old.repoDigests.length) return old;
  const record: ImageRecord = {
    id: image.id,
    node,
    repoTags: [...tags].sort(),
    repoDigests: [...digests].sort(),
    size: image.size,
    user: image.user,
    pulledAt: old?.pulledAt ?? now,
  };
  images(state).set(key, record);
  return record;
}

/** How long a pull of this image takes on its own, ms. */
export const pullDuration = (image: RegistryImage | undefined): number =>
  image ? TIMING.pull + Math.ceil(image.size / TIMING.pullRate) : TIMING.failedPull;

/** Takes a turn in the node's queue of pulls. What is there, or comes before this turn, is only asked for. */
function queuePull(scope: PodScope, reference: ImageReference): { began: number; until: number } {
  const { node } = scope.worker;
  const { state } = scope.world;
  const section = state.section<PullQueue>(PULLS);
  const queue = section.get(node);
  const busy = queue && queue.until > scope.now ? queue : { until: scope.now, ids: [] };
  const known = scope.platform.programs.resolve(reference.normalised);
  const there = known && (busy.ids.includes(known.id) || images(state).has(`${node}/${known.id}`));
  const until = busy.until + (there ? TIMING.recheck : pullDuration(known));
  const ids = known && !there ? [...busy.ids, known.id] : busy.ids;
  section.set(node, { until, ids });
  return { began: busy.until, until };
}

/** GetImage and the pull policy: what EnsureImageExists does before it pulls. Answers a failure, `present`, or when the pull ends. */
export function ensureImage(
  scope: PodScope,
  name: string,
): ImageFailure | 'present' | { asked: number; began: number; until: number } {
  const { container } = findContainer(scope.pod!, name)!;
  const image = container.image!;
  const fail = (reason: string, message: string): ImageFailure => ({ reason, message });
  const reference = parseImage(image);
  if (!reference) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${imageProblem(image)}`;
    scope.event('Warning', 'InspectFailed', message, name);
    return fail('InvalidImageName', message);
  }
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  const present = policy === 'Always' ? undefined : findImage(scope, image);
  if (!present && policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    scope.event('Warning', 'ErrImageNeverPull', message, name);
    return fail('ErrImageNeverPull', message);
  }
  if (present) {
    scope.event('Normal', 'Pulled', `Container image "${image}" already present on machine`, name);
    return 'present';
  }
  const backOff = scope.worker.pulls[image];
  if (isInBackOffSinceUpdate(backOff, scope.now)) {
    const message = `Back-off pulling image "${image}"`;
    scope.event('Normal', 'BackOff', message, name);
    return fail('ImagePullBackOff', backOff?.error ? `${message}: ${backOff.error}` : message);
  }
  scope.event('Normal', 'Pulling', `Pulling image "${image}"`, name);
  return { asked: scope.now, ...queuePull(scope, reference) };
}

/** The end of a pull. */
export function finishPull(scope: PodScope, name: string, asked: number, began: number): ImageFailure | undefined {
  const { container } = findContainer(scope.pod!, name)!;
  const image = container.image!;
  const reference = parseImage(image)!;
  const found = scope.platform.programs.resolve(reference.normalised);
  if (!found) {
    const lack = scope.platform.programs.lack(reference.normalised);
    const error = failureText(pullFailure(reference, lack, scope.machine.containerRuntimeVersion));
    scope.event('Warning', 'Failed', `Failed to pull image "${image}": ${error}`, name);
    const old: Backoff | undefined = scope.worker.pulls[image];
    scope.worker.pulls[image] = { ...nextBackOff(old, scope.now, scope.now), error: `ErrImagePull: ${error}` };
    return { reason: 'ErrImagePull', message: error };
  }
  const { node } = scope.worker;
  const before = images(scope.world.state).get(`${node}/${found.id}`);
  const after = storeImage(scope.world.state, node, found, reference, scope.now);
  const took = formatDuration(Math.floor(scope.now - began));
  const waited = formatDuration(Math.floor(scope.now - asked));
  scope.event(
    'Normal',
    'Pulled',
    `Successfully pulled image "${image}" in ${took} (${waited} including waiting). Image size: ${found.size} bytes.`,
    name,
  );
  delete scope.worker.pulls[image];
  // The node's status lists its images: the kubelet looks for changes every 10 s.
  if (after !== before) scope.world.wake(node, scope.now + TIMING.nodeStatus);
  return undefined;
}
