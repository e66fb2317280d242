import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import { DEFAULT_AUDIENCES, verifyToken } from '../authentication/tokens.ts';
import { badRequest } from '../errors.ts';
import { canonical, decodeBody } from '../machinery/body.ts';
import type { UserInfo } from '../request.ts';
import type { Answer, ResourceRequest } from '../world.ts';

/** authentication.k8s.io's UserInfo. */
const userInfo = ({ username, uid, groups, extra }: UserInfo) => ({
  username,
  ...(uid && { uid }),
  groups,
  ...(extra && { extra }),
});

/** Who am I? */
export function selfSubjectReview(request: ResourceRequest): Answer {
  const { world, resource, user } = request;
  const given = decodeBody(request);
  const object = {
    ...given,
    metadata: { ...given.metadata, creationTimestamp: formatTime(world.now()) },
    status: { userInfo: userInfo(user) },
  };
  return { status: 201, object: canonical(resource, object as unknown as KubeObject) };
}

/** Whose token is this? */
export function tokenReview(request: ResourceRequest): Answer {
  const { world, resource } = request;
  const given = decodeBody(request) as KubeObject & { spec: { token?: string; audiences?: string[] } };
  const { token, audiences } = given.spec;
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  const user = verifyToken(world, token);
  const status = user
    ? { authenticated: true, user: userInfo(user), audiences: audiences ?? DEFAULT_AUDIENCES }
    : { user: {}, error: '[invalid bearer token, service account token has been invalidated]' };
  return { status: 201, object: canonical(resource, { ...given, status } as unknown as KubeObject) };
}
