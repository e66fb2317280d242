import type { UserInfo } from '../api/request.ts';
import type { ApiServer } from '../api/server.ts';
import type { State } from '../store/section.ts';

/** What a client says of itself. */
export interface Credentials {
  token?: string;
  /** base64 of a PEM certificate. */
  clientCertificateData?: string;
}

/** What knows who may come in. */
interface Gate {
  state: State;
  clock: { now(): number };
  api(): Promise<ApiServer>;
}

const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who a request comes from; undefined if its credentials are no good (401). */
export async function authenticate(cluster: Gate, credentials: Credentials): Promise<UserInfo | undefined> {
  const { token, clientCertificateData } = credentials;
  if (clientCertificateData) {
    const { certificateUser } = await import('./client-certificate.ts');
    return certificateUser(Buffer.from(clientCertificateData, 'base64'), cluster.clock.now());
  }
  if (!token) return ANONYMOUS;
  const tokens = cluster.state.section<Record<string, UserInfo>>('cluster').get('tokens');
  return tokens?.[token] ?? (await serviceAccountUser(cluster, token));
}

async function serviceAccountUser(cluster: Gate, token: string): Promise<UserInfo | undefined> {
  const { verifyToken } = await import('../api/authentication/tokens.ts');
  try {
    return verifyToken((await cluster.api()).world, token);
  } catch {
    return undefined;
  }
}
