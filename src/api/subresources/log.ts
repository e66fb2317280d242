import { type FieldError, forbidden, invalid } from '../machinery/field-errors.ts';
import { invalidObject } from '../machinery/invalid.ts';
import { isTrue } from '../machinery/routing.ts';
import type { LogOptions } from '../node-agent.ts';
import type { ApiResponse } from '../request.ts';
import type { ResourceRequest } from '../world.ts';
import { containerOf } from './containers.ts';
import { agentOf, checkNode, podOf } from './node-connection.ts';

/** The options of a log request, checked (validation.ValidatePodLogOptions). */
export function logOptions({ query, name }: ResourceRequest): LogOptions {
  const number = (key: string) => (query.get(key) === null ? undefined : Number(query.get(key)));
  const options: LogOptions = {
    container: query.get('container') ?? '',
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceSeconds: number('sinceSeconds'),
    sinceTime: query.get('sinceTime') ?? undefined,
  };
  const { tailLines, limitBytes, sinceSeconds, sinceTime } = options;
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && sinceTime !== undefined)
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  if (errors.length > 0) throw invalidObject('', 'PodLogOptions', name, errors);
  return options;
}

/** GET pods/log: what a container has written so far. */
export async function log(request: ResourceRequest): Promise<ApiResponse> {
  const options = logOptions(request);
  const pod = podOf(request);
  const container = containerOf(pod, options.container);
  const answer = { status: 200, contentType: 'text/plain', warnings: [] };
  if (!pod.spec?.nodeName) return { ...answer, status: 204, body: '' };
  checkNode(request, pod);
  return { ...answer, body: await agentOf(request).logs(pod, { ...options, container }) };
}
