import { formatMicroTime } from '../../base/time.ts';
import type { Decision } from '../authorization/index.ts';
import type { Status, UserInfo } from '../request.ts';
import { type Audited, type AuditPolicy, auditConfig, keeps, type Stage } from './policy.ts';

/** A request and how it was answered, as audit events tell it. Times in ms. */
export interface AuditedRequest extends Audited {
  auditID: string;
  /** With the query: `/api/v1/namespaces/default/pods?limit=500` */
  uri: string;
  impersonated?: UserInfo;
  sourceIP: string;
  userAgent: string;
  /** `v1` */
  version: string;
  requestObject?: unknown;
  responseObject?: unknown;
  code: number;
  decision: Decision;
  received: number;
  answered: number;
  /** The stages that it went through. */
  stages: Stage[];
}

type Json = Record<string, unknown>;
type Own = { namespace?: string; name?: string; uid?: string; resourceVersion?: string };
type WithMetadata = { metadata?: Json; items?: WithMetadata[] };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without what servers note of managers, also in a list. */
function withoutManagers(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { metadata, items } = value as WithMetadata;
  const { managedFields: _, ...kept } = metadata ?? {};
  return { ...value, ...(metadata && { metadata: kept }), ...(items && { items: items.map(withoutManagers) }) };
}

const userOf = ({ username, uid, groups, extra }: UserInfo): Json => ({
  username,
  ...(uid && { uid }),
  groups,
  ...(extra && Object.keys(extra).length > 0 && { extra }),
});

/** The object that is asked for; what the path does not tell of it, the object that was sent does. */
function objectRef({ target, version, requestObject }: AuditedRequest, sent: boolean): Json {
  if ('path' in target) return {};
  const { resource, namespace, name, group, subresource } = target;
  const own: Own = sent && isObject(requestObject) ? ((requestObject.metadata ?? {}) as Own) : {};
  return {
    objectRef: {
      resource,
      ...((namespace || own.namespace) && { namespace: namespace || own.namespace }),
      ...((name || own.name) && { name: name || own.name }),
      ...(own.uid && { uid: own.uid }),
      ...(group && { apiGroup: group }),
      apiVersion: version,
      ...(own.resourceVersion && { resourceVersion: own.resourceVersion }),
      ...(subresource && { subresource }),
    },
  };
}

function responseStatus({ code, responseObject }: AuditedRequest): Json {
  const told =
    isObject(responseObject) && responseObject.kind === 'Status' ? (responseObject as unknown as Status) : undefined;
  if (!told) return { metadata: {}, code };
  const { status, message, reason, details } = told;
  return {
    metadata: {},
    ...(status && { status }),
    ...(message && { message }),
    ...(reason && { reason }),
    ...(details && { details }),
    code,
  };
}

const annotations = ({ allowed, reason }: Decision): Json => ({
  'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid',
  'authorization.k8s.io/reason': reason,
});

/** The lines of an audit log that a request leaves (audit.k8s.io/v1 Event, in Go's order of fields). */
export function auditLines(policy: AuditPolicy, request: AuditedRequest): string[] {
  const { level, omitStages, omitManagedFields } = auditConfig(policy, request);
  if (level === 'None') return [];
  const dressed = (value: unknown) => (omitManagedFields ? withoutManagers(value) : value);
  return request.stages
    .filter((stage) => !omitStages.includes(stage))
    .map((stage) => {
      const first = stage === 'RequestReceived';
      return JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level,
        auditID: request.auditID,
        stage,
        requestURI: request.uri,
        verb: request.verb,
        user: userOf(request.user),
        ...(request.impersonated && !first && { impersonatedUser: userOf(request.impersonated) }),
        sourceIPs: [request.sourceIP],
        userAgent: request.userAgent,
        ...objectRef(request, !first),
        ...(!first && { responseStatus: responseStatus(request) }),
        ...(!first &&
          keeps(level, 'Request') &&
          request.requestObject !== undefined && { requestObject: dressed(request.requestObject) }),
        ...(!first &&
          keeps(level, 'RequestResponse') &&
          request.responseObject !== undefined && { responseObject: dressed(request.responseObject) }),
        requestReceivedTimestamp: formatMicroTime(request.received),
        stageTimestamp: formatMicroTime(first ? request.received : request.answered),
        ...(!first && { annotations: annotations(request.decision) }),
      });
    });
}
