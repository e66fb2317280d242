import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import { checkToken } from '../authentication/tokens.ts';
import { badRequest } from '../errors.ts';
import { canonical, decodeBody } from '../machinery/body.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import type { UserInfo } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';

/** authentication.k8s.io's UserInfo. */
const userInfo = ({ username, uid, groups, extra }: UserInfo) => ({
  username,
  ...(uid && { uid }),
  groups,
  ...(extra && { extra }),
});

/** Who am I? Of what was sent nothing is kept. */
export function selfSubjectReview(request: ResourceRequest): Answer {
  const { world, resource, user } = request;
  const { kind, apiVersion } = decodeBody(request);
  const metadata = { creationTimestamp: formatTime(world.now()) };
  const object = { kind, apiVersion, metadata, status: { userInfo: userInfo(user) } };
  return { status: 201, object: canonical(resource, object as unknown as KubeObject) };
}

/** Whose token is this? */
export function tokenReview(request: ResourceRequest): Answer {
  const { world, resource, manager } = request;
  const given = decodeBody(request) as KubeObject & { spec: { token?: string; audiences?: string[] } };
  const { token, audiences } = given.spec;
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  const verdict = checkToken(world, token, audiences?.length ? audiences : undefined);
  const status =
    verdict.error === undefined
      ? { authenticated: true, user: userInfo(verdict.user), audiences: verdict.audiences }
      : { user: {}, error: verdict.error };
  const tracked = trackUpdate(request, undefined, given, manager);
  return { status: 201, object: canonical(resource, { ...tracked, status } as unknown as KubeObject) };
}
