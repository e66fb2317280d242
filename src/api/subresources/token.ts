import { formatTime } from '../../base/time.ts';
import type { KubeObject, ServiceAccount } from '../../types/objects.ts';
import { type BoundObject, DEFAULT_AUDIENCES, issueToken } from '../authentication/tokens.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { decodeAs } from '../machinery/body.ts';
import { normalize } from '../machinery/decode.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { invalidObject } from '../machinery/invalid.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import { load } from '../machinery/persist.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';

interface TokenRequest extends KubeObject {
  spec: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

const TYPE = 'authentication/v1.TokenRequest';
const HOUR = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const BOUND: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/** POST serviceaccounts/token: a token of its own for whoever asks. */
export function token(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const given = decodeAs<TokenRequest>(request, TYPE);
  const account = load(world, resource, namespace, name) as ServiceAccount | undefined;
  if (!account) throw notFound(subjectOf(request), name);
  if (given.metadata.name && given.metadata.name !== name)
    throw badRequest(
      `the name in the URL (${name}) does not match the name of the TokenRequest (${given.metadata.name})`,
    );
  const seconds = given.spec.expirationSeconds || HOUR;
  const errors: FieldError[] = [];
  if (seconds < MIN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw invalidObject('authentication.k8s.io', 'TokenRequest', '', errors);
  const bound = boundObject(request, given.spec.boundObjectRef);
  const audiences = given.spec.audiences?.length ? given.spec.audiences : DEFAULT_AUDIENCES;
  const draft = {
    ...given,
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    spec: { ...given.spec, expirationSeconds: seconds },
  } as TokenRequest;
  const tokenResource = { ...resource, group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
  const tracked = trackUpdate({ ...request, resource: tokenResource }, undefined, draft, request.manager);
  return {
    status: 201,
    object: normalize(TYPE, {
      ...tracked,
      metadata: { ...tracked.metadata, name, namespace, creationTimestamp: formatTime(world.now()) },
      spec: { ...draft.spec, audiences, expirationSeconds: seconds },
      status: {
        token: issueToken(world, account, seconds, audiences, bound),
        expirationTimestamp: formatTime(world.now() + seconds * 1000),
      },
    }),
  };
}

function boundObject(request: ResourceRequest, ref: TokenRequest['spec']['boundObjectRef']): BoundObject | undefined {
  if (!ref?.kind) return undefined;
  const plural = BOUND[ref.kind];
  if (!plural) throw badRequest(`cannot bind token for serviceaccount to type ${ref.apiVersion}/${ref.kind}`);
  const object = request.world.store.get(plural, plural === 'nodes' ? '' : request.namespace, ref.name ?? '');
  if (!object) throw notFound({ group: '', plural }, ref.name ?? '');
  const uid = object.metadata.uid ?? '';
  if (ref.uid && ref.uid !== uid)
    throw conflict(
      { group: '', plural },
      ref.name ?? '',
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return { kind: ref.kind.toLowerCase() as BoundObject['kind'], name: ref.name ?? '', uid };
}
