import { createHash, createPublicKey } from 'node:crypto';
import { readAsset } from '../../base/assets.ts';
import { nthAddress, parseCidr } from '../../base/ip.ts';
import { alternativeNames, distinguishedName, issueCertificate, subjectOf } from '../../base/x509.ts';
import type { NodeHost } from '../host.ts';
import { AUTHORITIES, type CertificateDefinition } from './certificates.ts';

export const YEAR_SECONDS = 365 * 86_400;
const ADMINS = 'kubeadm:cluster-admins';
/** kubeadm lets certificates begin a little before they are made, for clocks that differ. */
const BACKDATE = 300_000;

/** Every machine's certificates share one key: it opens nothing outside the simulation. */
export const leafKey = (): string => readAsset('fixtures/pki/leaf.key');
export const authorityKey = (name: string): string => readAsset(`fixtures/pki/${name}.key`);

const made = new Map<string, string>();

/** Signing costs milliseconds, and files are looked at often: what was signed once is signed the same again. */
function once(key: string, sign: () => string): string {
  let text = made.get(key);
  if (text === undefined) {
    text = sign();
    if (made.size > 1000) made.clear();
    made.set(key, text);
  }
  return text;
}

const publicKeyOf = (key: string): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

const serialOf = (...parts: (string | number)[]): string =>
  `4${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 15)}`;

/** The certificate (PEM) of one of kubeadm's authorities; the cluster's own is the same everywhere. `at`: ms. */
export function authorityCertificate(name: string, at: number): string {
  if (name === 'ca') return readAsset('fixtures/pki/ca.crt');
  const key = authorityKey(name);
  const { commonName } = AUTHORITIES.find((authority) => authority.name === name)!;
  const subject = distinguishedName({ name: commonName });
  return once(`${name} ${at}`, () =>
    issueCertificate(
      {
        subject,
        issuer: subject,
        publicKey: publicKeyOf(key),
        serial: serialOf(name),
        notBefore: at - BACKDATE,
        notAfter: at + 10 * YEAR_SECONDS * 1000,
        usages: ['digital signature', 'key encipherment', 'cert sign'],
        names: alternativeNames({ dns: [commonName], ips: [] }),
        authority: true,
      },
      key,
    ),
  );
}

export interface Issue {
  authority: string;
  commonName: string;
  organizations?: string[];
  server?: boolean;
  client?: boolean;
  dns?: string[];
  ips?: string[];
  /** ms since the epoch. */
  at: number;
  seconds?: number;
}

/** A certificate (PEM) of the shared key, signed by one of kubeadm's authorities. */
export const issue = (wanted: Issue): string => once(JSON.stringify(wanted), () => sign(wanted));

function sign({
  authority,
  commonName,
  organizations,
  server,
  client,
  dns = [],
  ips = [],
  at,
  seconds = YEAR_SECONDS,
}: Issue): string {
  const names = dns.length + ips.length > 0 ? alternativeNames({ dns, ips }) : undefined;
  return issueCertificate(
    {
      subject: distinguishedName({ organizations, name: commonName }),
      issuer: authority === 'ca' ? subjectOf(authorityCertificate('ca', at)) : distinguishedName({ name: authority }),
      publicKey: publicKeyOf(leafKey()),
      serial: serialOf(authority, commonName, at),
      notBefore: at - BACKDATE,
      notAfter: at + seconds * 1000,
      usages: [
        'digital signature',
        'key encipherment',
        ...(server ? ['server auth'] : []),
        ...(client ? ['client auth'] : []),
      ],
      names,
    },
    authorityKey(authority),
  );
}

/** One of the certificates that kubeadm keeps, made for this machine. `at`: ms. */
export function issueDefined(host: NodeHost, definition: CertificateDefinition, at: number): string {
  const ip = host.record().internalIP;
  const serviceIP =
    host.get('services', 'default', 'kubernetes')?.spec?.clusterIP ?? nthAddress(parseCidr('10.96.0.0/12')!, 1);
  const names =
    definition.name === 'apiserver'
      ? {
          dns: [
            host.name,
            'kubernetes',
            'kubernetes.default',
            'kubernetes.default.svc',
            'kubernetes.default.svc.cluster.local',
          ],
          ips: [serviceIP, ip],
        }
      : definition.server
        ? { dns: [host.name, 'localhost'], ips: [ip, '127.0.0.1'] }
        : {};
  return issue({
    authority: definition.authority,
    commonName: definition.commonName.replace('{node}', host.name),
    organizations: definition.organizations?.map((name) => groupOf(host, name)),
    server: definition.server,
    client: definition.client,
    ...names,
    at,
  });
}

/** Before 1.29 administrators were in the group that needs no binding, as they are wherever the binding is not. */
const groupOf = (host: NodeHost, name: string): string =>
  name !== ADMINS || host.get('clusterrolebindings.rbac.authorization.k8s.io', '', ADMINS) ? name : 'system:masters';
