import type { UserInfo } from '../api/request.ts';
import type { ApiServer } from '../api/server.ts';
import type { State } from '../store/section.ts';

/** What a client says of itself. */
export interface Credentials {
  token?: string;
  /** base64 of a PEM certificate. */
  clientCertificateData?: string;
}

/** Who a certificate is good for, and between which times, ms. */
export interface Credential {
  user: UserInfo;
  from: number;
  to: number;
}

/** The administrator's certificate as the section `cluster` keeps it, with what verifying it said. */
export interface Administrator {
  /** base64 of the PEM. */
  certificate: string;
  credential?: Credential;
}

/** What knows who may come in. */
interface Gate {
  state: State;
  clock: { now(): number };
  api(): Promise<ApiServer>;
}

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

const SECTION = 'api-server/authentication';

/** An API server begins: --anonymous-auth says whether it lets strangers ask. */
export const noteAnonymous = (state: State, allowed: boolean): void =>
  state.section<boolean>(SECTION).set('anonymous', allowed);

/** Whoever shows nothing, where the API server lets strangers ask. */
export const anonymousUser = (state: State): UserInfo | undefined =>
  state.section<boolean>(SECTION).get('anonymous') === false ? undefined : ANONYMOUS;

/** Who a request comes from; undefined if its credentials are no good (401). */
export async function authenticate(cluster: Gate, credentials: Credentials): Promise<UserInfo | undefined> {
  const { token, clientCertificateData } = credentials;
  if (clientCertificateData) {
    const credential = await credentialBehind(cluster, clientCertificateData);
    const now = cluster.clock.now();
    return credential && now >= credential.from && now <= credential.to ? credential.user : undefined;
  }
  if (!token) return anonymousUser(cluster.state);
  const tokens = cluster.state.section<Record<string, UserInfo>>('cluster').get('tokens');
  return tokens?.[token] ?? (await serviceAccountUser(cluster, token));
}

/** Most commands come with the administrator's certificate: cryptography would cost them a tenth of their time. */
async function credentialBehind({ state }: Gate, certificate: string): Promise<Credential | undefined> {
  const administrator = state.section<Administrator>('cluster').get('administrator');
  if (administrator?.credential && administrator.certificate === certificate) return administrator.credential;
  const { credentialOf } = await import('./client-certificate.ts');
  return credentialOf(Buffer.from(certificate, 'base64').toString('latin1'));
}

async function serviceAccountUser(cluster: Gate, token: string): Promise<UserInfo | undefined> {
  const { verifyToken } = await import('../api/authentication/tokens.ts');
  try {
    return verifyToken((await cluster.api()).world, token);
  } catch {
    return undefined;
  }
}
