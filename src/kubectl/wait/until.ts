import type { KubeObject } from '../../types/objects.ts';
import type { Factory } from '../client/factory.ts';
import { resourcePath } from '../client/mapper.ts';
import { CommandError, isNotFound, StatusError } from '../errors.ts';
import type { Klog } from '../log/klog.ts';
import { type Info, infoPath } from '../resource/info.ts';

const WEEK_MS = 168 * 3_600_000;

/** A time after which a wait gives up: by the cluster's clock, common to all objects of one command. */
export interface Deadline {
  at: number;
  /** Zero: look once and do not wait. */
  once: boolean;
}

/** `timeoutMs` zero looks once, negative waits for a week. */
export const deadlineFrom = (now: number, timeoutMs: number): Deadline => ({
  at: now + (timeoutMs < 0 ? WEEK_MS : timeoutMs),
  once: timeoutMs === 0,
});

export const timeoutOf = ({ type, name }: Info): CommandError =>
  new CommandError(`timed out waiting for the condition on ${type.resource}/${name}`);

/** What happened to the watched object: its new state, or that it is gone. */
export type Change = { object: KubeObject; deleted: boolean };

/**
 * Follows one object from its present state on, letting the cluster's time pass, until `done` says so; true then, false when the
 * deadline came first. `done` gets undefined when there is no such object at the start of a watch.
 */
export async function watchUntil(
  factory: Factory,
  info: Pick<Info, 'type' | 'namespace' | 'name'>,
  deadline: Deadline,
  done: (change: Change | undefined) => boolean | Promise<boolean>,
): Promise<boolean> {
  const client = await factory.client();
  const { transport } = client;
  const path = resourcePath(info.type, info.namespace);
  const told = reflectorLog(factory.log);
  told.start();
  const fieldSelector = `metadata.name=${info.name}`;
  try {
    for (let previous = -1; transport.now() < deadline.at && transport.now() !== previous; ) {
      previous = transport.now();
      told.list();
      const list = await client.get<{
        apiVersion: string;
        metadata?: { resourceVersion?: string };
        items?: KubeObject[] | null;
      }>(path, { fieldSelector, limit: 500, resourceVersion: '0' });
      told.populated();
      const [found] = list.items ?? [];
      // Items of a list stand without their kind: it is the list's.
      const current = found && { ...found, apiVersion: list.apiVersion, kind: info.type.kind };
      if (await done(current && { object: current, deleted: false })) return true;
      const query = { allowWatchBookmarks: true, fieldSelector, resourceVersion: list.metadata?.resourceVersion };
      const options = { timeoutMs: deadline.at - transport.now() };
      for await (const { type, object } of client.watch(path, query, 'drives', options)) {
        if (type !== 'BOOKMARK' && (await done({ object: object as KubeObject, deleted: type === 'DELETED' })))
          return true;
      }
    }
    return false;
  } finally {
    told.stop();
  }
}

/** What client-go's informer tells of its work. */
function reflectorLog(log: Klog) {
  const type = { type: '*unstructured.Unstructured' };
  const reflector = { reflector: 'k8s.io/client-go/tools/watch/informerwatcher.go:162' };
  const whole = { ...type, resyncPeriod: '0s', ...reflector };
  return {
    start: () => log.details(3, 'reflector.go:357', 'Starting reflector', whole),
    list: () => log.details(3, 'reflector.go:403', 'Listing and watching', { ...type, ...reflector }),
    populated: () => log.details(2, 'reflector.go:430', 'Caches populated', { ...type, ...reflector }),
    stop: () => log.details(3, 'reflector.go:363', 'Stopping reflector', whole),
  };
}

/** Waits until the object is gone, or another has its name; throws when it is still there at the deadline. */
export async function untilDeleted(factory: Factory, info: Info, deadline: Deadline, uid?: string): Promise<void> {
  if (!info.name) throw new CommandError('resource name must be provided');
  const client = await factory.client();
  try {
    const current = await client.request<KubeObject>('GET', infoPath(info));
    if (uid && current.metadata.uid !== uid) return;
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  if (deadline.once) throw new CommandError(`condition not met for ${info.type.resource}/${info.name}`);
  if (!(await watchUntil(factory, info, deadline, (change) => !change || change.deleted))) throw timeoutOf(info);
}

/** Waits until `met` holds for the object, and gives it back; throws when it does not by the deadline, or the object goes away. */
export async function untilMet(
  factory: Factory,
  info: Info,
  deadline: Deadline,
  met: (object: KubeObject) => boolean | Promise<boolean>,
): Promise<KubeObject> {
  const client = await factory.client();
  const { resource, group } = info.type;
  if (deadline.once) {
    const current = await client.request<KubeObject>('GET', infoPath(info));
    if (await met(current)) return current;
    throw new CommandError(`condition not met for ${resource}/${info.name}`);
  }
  let last: KubeObject | undefined;
  const reached = await watchUntil(factory, info, deadline, async (change) => {
    if (!change) throw notFound(resource, group, info.name);
    last = change.object;
    return !change.deleted && (await met(change.object));
  });
  if (!reached || !last) throw timeoutOf(info);
  return last;
}

function notFound(resource: string, group: string, name: string): StatusError {
  const qualified = group ? `${resource}.${group}` : resource;
  return new StatusError({
    reason: 'NotFound',
    message: `${qualified} ${JSON.stringify(name)} not found`,
    details: { name, group, kind: resource },
    code: 404,
  });
}
