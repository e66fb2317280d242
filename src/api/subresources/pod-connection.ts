import type { Pod } from '../../types/objects.ts';
import { admitConnection } from '../admission/index.ts';
import type { ConnectOptions } from '../admission/rule-matching.ts';
import { badRequest } from '../errors.ts';
import { isTrue } from '../machinery/routing.ts';
import type { ResourceRequest } from '../world.ts';
import { containerOf } from './containers.ts';
import { checkNode, podOf } from './node-connection.ts';

/** What exec, attach and port-forward talk to, after the API server has let them. */
export interface PodConnection {
  pod: Pod;
  container: string;
  command: string[];
  tty: boolean;
  stdin: boolean;
  ports: number[];
}

const KINDS: Record<string, string> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
};

/** The options of a connection as admission sees them. */
export function connectOptions({ query, subresource }: ResourceRequest): ConnectOptions {
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) => isTrue(query.get(flag)));
  const container = query.get('container');
  const command = query.getAll('command');
  const ports = query.getAll('ports').map(Number);
  return {
    kind: KINDS[subresource] ?? '',
    apiVersion: 'v1',
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(container && { container }),
    ...(command.length > 0 && { command }),
    ...(ports.length > 0 && { ports }),
  };
}

/** The target of a request for a stream; throws ApiError when there is none. */
export function podConnection(request: ResourceRequest): PodConnection {
  const { query, subresource } = request;
  const pod = podOf(request);
  const forward = subresource === 'portforward';
  const container = forward ? '' : containerOf(pod, query.get('container') ?? '');
  checkNode(request, pod);
  const command = query.getAll('command');
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least 1 command for the container');
  return {
    pod,
    container,
    command,
    tty: isTrue(query.get('tty')),
    stdin: isTrue(query.get('stdin')),
    ports: query
      .getAll('ports')
      .flatMap((ports) => ports.split(','))
      .map(Number),
  };
}

/** A request for a stream that does not ask to become one. */
export async function plainConnection(request: ResourceRequest): Promise<never> {
  admitConnection(request, connectOptions(request));
  podConnection(request);
  throw badRequest('Upgrade request required');
}
