import { formatTime } from '../../base/time.ts';
import type { KubeObject, Pod, ServiceAccount } from '../../types/objects.ts';
import { actionAdmitted, admitAction } from '../admission/index.ts';
import { type BoundNode, type BoundObject, DEFAULT_AUDIENCES, issueToken } from '../authentication/tokens.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { decodeWritten } from '../machinery/body.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { matchNamespace } from '../machinery/identity.ts';
import { invalidObject } from '../machinery/invalid.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import { normalize } from '../machinery/normalize.ts';
import { load } from '../machinery/persist.ts';
import { type Answer, type ResourceRequest, subjectOf, type WrittenKind } from '../world.ts';

interface TokenRequest extends KubeObject {
  spec: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

const TYPE = 'authentication/v1.TokenRequest';
const GROUP = 'authentication.k8s.io';
const KIND = 'TokenRequest';
const WRITTEN: WrittenKind = { group: GROUP, version: 'v1', kind: KIND };
const HOUR = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const BOUND: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/** POST serviceaccounts/token: a token of its own for whoever asks (TokenREST.Create). */
export function token(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const given = decodeWritten<TokenRequest>(request, WRITTEN);
  matchNamespace(request, given);
  const posting = { ...request, written: WRITTEN };
  admitAction(posting, given);
  if (given.metadata.name && given.metadata.name !== name)
    throw invalidObject(GROUP, KIND, name, [
      invalid('metadata.name', given.metadata.name, 'must match the service account name if specified'),
    ]);
  const account = load(world, resource, namespace, name) as ServiceAccount | undefined;
  if (!account) throw notFound(subjectOf(request), name);
  const seconds = given.spec.expirationSeconds ?? HOUR;
  const errors: FieldError[] = [];
  if (seconds < MIN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw invalidObject(GROUP, KIND, '', errors);
  actionAdmitted(posting, given);
  const { bound, node } = boundTo(request, given.spec.boundObjectRef);
  const audiences = given.spec.audiences?.length ? given.spec.audiences : DEFAULT_AUDIENCES;
  const draft = {
    ...given,
    kind: KIND,
    apiVersion: `${GROUP}/v1`,
    spec: { ...given.spec, expirationSeconds: seconds },
  } as TokenRequest;
  const tokenResource = { ...resource, group: GROUP, version: 'v1', kind: KIND };
  const tracked = trackUpdate({ ...request, resource: tokenResource }, undefined, draft, request.manager);
  return {
    status: 201,
    object: normalize(TYPE, {
      ...tracked,
      metadata: { ...tracked.metadata, name, namespace, creationTimestamp: formatTime(world.now()) },
      spec: { ...draft.spec, audiences, expirationSeconds: seconds },
      status: {
        token: issueToken(world, account, seconds, audiences, bound, node),
        expirationTimestamp: formatTime(world.now() + seconds * 1000),
      },
    }),
  };
}

/** What the token ends with, and the node that it names. */
function boundTo(
  request: ResourceRequest,
  ref: TokenRequest['spec']['boundObjectRef'],
): { bound?: BoundObject; node?: BoundNode } {
  if (!ref) return {};
  const { kind = '', apiVersion = '', name = '' } = ref;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const plural = group === '' ? BOUND[kind] : undefined;
  if (!plural) throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  if (name === '') throw badRequest('Name parameter required.');
  const { store } = request.world;
  const object = store.get(plural, plural === 'nodes' ? '' : request.namespace, name);
  if (!object) throw notFound({ group: '', plural }, name);
  const { serviceAccountName, nodeName } = (object as Pod).spec ?? {};
  if (plural === 'pods' && serviceAccountName !== request.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(request.name)} to pod running with different serviceaccount name.`,
    );
  const uid = object.metadata.uid ?? '';
  if (ref.uid && ref.uid !== uid)
    throw conflict(
      { group, plural: kind },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (plural === 'nodes') return { node: { name, uid } };
  const nodeUid = nodeName && store.get('nodes', '', nodeName)?.metadata.uid;
  return {
    bound: { kind: kind.toLowerCase() as BoundObject['kind'], name, uid },
    ...(plural === 'pods' && nodeName && { node: { name: nodeName, ...(nodeUid && { uid: nodeUid }) } }),
  };
}
