import type { UserInfo } from '../api/request.ts';
import type { State } from '../store/section.ts';

/** What a client says of itself. */
export interface Credentials {
  token?: string;
  /** base64 of a PEM certificate. */
  clientCertificateData?: string;
}

const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const AUTHENTICATED = 'system:authenticated';

/** Who a request comes from; undefined if its credentials are no good (401). */
export async function authenticate(state: State, credentials: Credentials): Promise<UserInfo | undefined> {
  const { token, clientCertificateData } = credentials;
  if (clientCertificateData) return await certificateUser(clientCertificateData);
  if (!token) return ANONYMOUS;
  const tokens = state.section<Record<string, UserInfo>>('cluster').get('tokens');
  return tokens?.[token] ?? serviceAccountUser(state, token);
}

async function certificateUser(data: string): Promise<UserInfo | undefined> {
  const { X509Certificate } = await import('node:crypto');
  try {
    const { subject } = new X509Certificate(Buffer.from(data, 'base64')).toLegacyObject();
    const names = subject as unknown as Record<string, string | string[] | undefined>;
    const username = [names.CN ?? []].flat()[0];
    return username ? { username, groups: [...[names.O ?? []].flat(), AUTHENTICATED] } : undefined;
  } catch {
    return undefined;
  }
}

/** The service account that a token names, if it is still there. */
function serviceAccountUser(state: State, token: string): UserInfo | undefined {
  const [, payload] = token.split('.');
  try {
    const { sub } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { sub: string };
    const [, , namespace, name] = /^(system:serviceaccount):([^:]+):([^:]+)$/.exec(sub)!;
    const account = state.section<{ metadata: { uid: string } }>('objects/serviceaccounts').get(`${namespace}/${name}`);
    if (!account) return undefined;
    return {
      username: sub,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    };
  } catch {
    return undefined;
  }
}
