import type { UserInfo } from '../api/request.ts';
import type { Cluster } from './cluster.ts';

/** What a client says of itself. */
export interface Credentials {
  token?: string;
  /** base64 of a PEM certificate. */
  clientCertificateData?: string;
}

const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who a request comes from; undefined if its credentials are no good (401). */
export async function authenticate(cluster: Cluster, credentials: Credentials): Promise<UserInfo | undefined> {
  const { token, clientCertificateData } = credentials;
  if (clientCertificateData) {
    const { certificateUser } = await import('./client-certificate.ts');
    return certificateUser(Buffer.from(clientCertificateData, 'base64'), cluster.clock.now());
  }
  if (!token) return ANONYMOUS;
  const tokens = cluster.state.section<Record<string, UserInfo>>('cluster').get('tokens');
  return tokens?.[token] ?? (await serviceAccountUser(cluster, token));
}

async function serviceAccountUser(cluster: Cluster, token: string): Promise<UserInfo | undefined> {
  const { verifyToken } = await import('../api/authentication/tokens.ts');
  try {
    return verifyToken((await cluster.api()).world, token);
  } catch {
    return undefined;
  }
}
