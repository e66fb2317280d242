import { actingUser } from '../authentication/impersonation.ts';
import { resourceText } from '../authorization/attributes.ts';
import { type Decision, decide } from '../authorization/index.ts';
import { parsePath, verbOf } from '../machinery/routing.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../request.ts';
import type { ApiWorld, ResourceRequest } from '../world.ts';
import { type AuditedRequest, auditLines } from './event.ts';
import type { Audited, AuditPolicy, Stage } from './policy.ts';

/** The log of an API server that keeps one. */
export interface AuditLog {
  policy: AuditPolicy;
  /** Lines of JSON, without their ends. */
  write(lines: string[]): void;
}

const WHOLE: Stage[] = ['RequestReceived', 'ResponseComplete'];
/** A watch or a connection: it was begun, and is not over when it is told. */
const STREAM: Stage[] = ['RequestReceived', 'ResponseStarted'];

const parsed = (text: unknown): unknown => {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function targetOf({ path, method, query }: ApiRequest): { verb: string; version: string; target: Audited['target'] } {
  const found = parsePath(path);
  if (!found) return { verb: method.toLowerCase(), version: '', target: { path } };
  const { group, plural: resource, subresource, namespace, name, version } = found;
  const verb = found.watch ? 'watch' : verbOf(method, name, query);
  return { verb, version, target: { group, resource, subresource, namespace, name } };
}

function decisionOn(world: ApiWorld, user: UserInfo, verb: string, target: Audited['target']): Decision {
  if ('path' in target) return decide(world, user, { verb, path: target.path });
  const { group, resource, subresource, namespace, name } = target;
  return decide(world, user, {
    verb,
    group,
    resource: resourceText(resource, subresource),
    namespace,
    name,
  });
}

function impersonatedBy(world: ApiWorld, request: ApiRequest): UserInfo | undefined {
  if (!request.headers['impersonate-user']) return undefined;
  try {
    return actingUser(world, request);
  } catch {
    // Somebody who may not is told so; the request goes on as nobody else's.
    return undefined;
  }
}

const base = (world: ApiWorld) => ({
  auditID: world.random.uuid(),
  sourceIP: world.serverAddress.replace(/:\d+$/, ''),
  answered: world.now(),
});

/** Keeps a request that came over the wire; `received`: when, in ms. A stream has no response yet. */
export function recordRequest(
  world: ApiWorld,
  { policy, write }: AuditLog,
  request: ApiRequest,
  received: number,
  response?: Pick<ApiResponse, 'status' | 'body'>,
): void {
  const { verb, version, target } = targetOf(request);
  const impersonated = impersonatedBy(world, request);
  const { path, query, headers, user } = request;
  const audited: AuditedRequest = {
    ...base(world),
    user,
    ...(impersonated && { impersonated }),
    verb,
    version,
    target,
    uri: query.size > 0 ? `${path}?${query}` : path,
    userAgent: headers['user-agent'] ?? '',
    requestObject: parsed(request.body),
    responseObject: parsed(response?.body),
    code: response?.status ?? (verb === 'watch' ? 200 : 101),
    decision: decisionOn(world, impersonated ?? user, verb, target),
    received,
    stages: response ? WHOLE : STREAM,
  };
  write(auditLines(policy, audited));
}

/** The groups that a component's user has. */
function groupsOf(username: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(username) ?? [];
  if (namespace) return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return [...(username.startsWith('system:node:') ? ['system:nodes'] : []), 'system:authenticated'];
}

/** The path under which a request for a resource comes. */
function pathOf({ resource: { group, version, plural }, namespace, name, subresource, verb }: ResourceRequest): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const named = verb === 'create' && !subresource ? '' : name;
  return [root, ...(namespace ? ['namespaces', namespace] : []), plural, named, subresource].filter(Boolean).join('/');
}

/** Keeps what a component of the cluster wrote; `answer` is the object that came back, or why none did. */
export function recordWrite(
  world: ApiWorld,
  { policy, write }: AuditLog,
  request: ResourceRequest,
  answer: { object: unknown; code: number },
): void {
  const { resource, namespace, name, subresource, verb, body, user, manager } = request;
  const now = world.now();
  const username = user.username;
  const audited: AuditedRequest = {
    ...base(world),
    user: { username, groups: groupsOf(username) },
    verb,
    version: resource.version,
    target: {
      group: resource.group,
      resource: resource.plural,
      subresource,
      namespace,
      name: verb === 'create' && !subresource ? '' : name,
    },
    uri: pathOf(request),
    userAgent: `${manager}/${world.kubernetesVersion} (linux/amd64) kubernetes`,
    requestObject: body,
    responseObject: answer.object,
    code: answer.code,
    decision: { allowed: true, reason: '' },
    received: now,
    stages: WHOLE,
  };
  write(auditLines(policy, audited));
}
