import { randomBytes, X509Certificate } from 'node:crypto';
import { goJson } from '../../../base/go-json.ts';
import { alignTabs } from '../../../base/tabwriter.ts';
import { formatTime } from '../../../base/time.ts';
import type { NodeHost } from '../../host.ts';
import {
  AUTHORITIES,
  CERTIFICATES,
  type CertificateDefinition,
  certificatePath,
  isKubeconfig,
  PKI,
} from '../../pki/certificates.ts';
import { issueDefined } from '../../pki/issue.ts';
import { userKubeconfig } from '../../pki/kubeconfig.ts';
import { hasConfiguration, readingConfiguration } from '../cluster.ts';
import { type Call, type Command, KubeadmError } from '../cobra.ts';

/** When the certificate in a file (PEM, or a kubeconfig) ends, ms; undefined if there is none. */
export function expiry(host: NodeHost, path: string): number | undefined {
  try {
    const text = host.files.read(path);
    const embedded = /client-certificate-data:\s*(\S+)/.exec(text)?.[1];
    const pem = embedded ? Buffer.from(embedded, 'base64').toString() : text;
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** `Nov 21, 2027 03:07 UTC` */
function date(ms: number): string {
  const text = new Date(ms).toUTCString();
  return `${text.slice(8, 11)} ${text.slice(5, 7)}, ${text.slice(12, 16)} ${text.slice(17, 22)} UTC`;
}

/** `364d`, `9y`. Source: duration.ShortHumanDuration. */
function residual(ms: number): string {
  const hours = ms / 3_600_000;
  if (ms < 0) return '<invalid>';
  if (hours < 1) return `${Math.floor(ms / 60_000)}m`;
  if (hours < 24) return `${Math.floor(hours)}h`;
  if (hours < 24 * 365) return `${Math.floor(hours / 24)}d`;
  return `${Math.floor(hours / 24 / 365)}y`;
}

interface Row {
  name: string;
  expires: number | undefined;
  authority?: string;
}

function rowsOf(host: NodeHost): { certificates: Row[]; authorities: Row[] } {
  return {
    certificates: CERTIFICATES.map((definition) => ({
      name: definition.name,
      expires: expiry(host, certificatePath(definition)),
      authority: definition.authority,
    })),
    authorities: AUTHORITIES.map(({ name, base }) => ({ name, expires: expiry(host, `${PKI}/${base}.crt`) })),
  };
}

const checkExpiration: Command = {
  name: 'check-expiration',
  short: 'Check certificates expiration for a Kubernetes cluster',
  flags: ['allow-missing-template-keys', 'cert-dir', 'config', 'kubeconfig', 'output', 'show-managed-fields'],
  maxArgs: 0,
  run(call) {
    const { host } = call;
    const { certificates, authorities } = rowsOf(host);
    const now = host.now();
    if (call.text('output') === 'json') {
      const entry = ({ name, expires, authority }: Row) => ({
        name,
        expirationDate: expires === undefined ? '0001-01-01T00:00:00Z' : formatTime(expires),
        residualTime: expires === undefined ? 0 : Math.floor((expires - now) / 1000),
        externallyManaged: false,
        ...(authority && { caName: authority }),
        missing: expires === undefined,
      });
      const value = {
        kind: 'CertificateExpirationInfo',
        apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
        certificates: certificates.map(entry),
        certificateAuthorities: authorities.map(entry),
      };
      return call.out(goJson(value, { indent: '    ' }));
    }
    readingConfiguration(call, 'check-expiration');
    if (!hasConfiguration(call) || !host.apiServer().answers)
      call.out(
        '[check-expiration] Error reading configuration from the Cluster. Falling back to default configuration',
      );
    const cells = ({ name, expires, authority }: Row) =>
      expires === undefined
        ? [`!MISSING! ${name}`, '', '', ...(authority ? [''] : []), '']
        : [name, date(expires), residual(expires - now), ...(authority ? [authority] : []), 'no'];
    const table = (rows: string[][]) =>
      alignTabs(rows.map((row) => `${row.join('\t')}\t\n`).join(''), { minWidth: 10, tabWidth: 4, padding: 3 });
    call.out('');
    const head = ['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'];
    call.out(table([head, ...certificates.map(cells)]));
    const second = ['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'];
    call.out(
      table([second, ...authorities.map(cells)])
        .trimEnd()
        .concat('      ')
        .replace(/ +$/, '      '),
    );
  },
};

/** Makes a certificate anew, valid from now on; false if there is none to renew. */
export function renew(host: NodeHost, definition: CertificateDefinition): boolean {
  const path = certificatePath(definition);
  if (expiry(host, path) === undefined) return false;
  const certificate = issueDefined(host, definition, host.now());
  host.files.write(
    path,
    isKubeconfig(definition) ? userKubeconfig(host, definition.commonName, certificate) : certificate,
  );
  return true;
}

const sentence = ({ what }: CertificateDefinition): string => `certificate ${what}`;

const renewOne = (call: Call, definition: CertificateDefinition): void =>
  call.out(renew(call.host, definition) ? `${sentence(definition)} renewed` : `MISSING! ${sentence(definition)}`);

const RENEW_FLAGS = ['cert-dir', 'config', 'dry-run', 'kubeconfig'];

/** What precedes a renewal where the cluster's configuration can be asked for. */
function announce(call: Call): void {
  if (!call.host.files.stat('/etc/kubernetes/admin.conf')) return;
  readingConfiguration(call, 'renew');
  if (!hasConfiguration(call) || !call.host.apiServer().answers)
    call.out('[renew] Error reading configuration from the Cluster. Falling back to default configuration');
  call.out('');
}

const renewal: Command = {
  name: 'renew',
  short: 'Renew certificates for a Kubernetes cluster',
  commands: [
    ...CERTIFICATES.map(
      (definition): Command => ({
        name: definition.name,
        short: `Renew the ${sentence(definition)}`,
        flags: RENEW_FLAGS,
        maxArgs: 0,
        run(call) {
          announce(call);
          renewOne(call, definition);
        },
      }),
    ),
    {
      name: 'all',
      short: 'Renew all available certificates',
      flags: RENEW_FLAGS,
      maxArgs: 0,
      run(call) {
        announce(call);
        for (const definition of CERTIFICATES) renewOne(call, definition);
        call.out(
          '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.',
        );
      },
    } satisfies Command,
  ].sort((a, b) => (a.name < b.name ? -1 : 1)),
};

export const certs: Command = {
  name: 'certs',
  aliases: ['certificates'],
  short: 'Commands related to handling Kubernetes certificates',
  commands: [
    {
      name: 'certificate-key',
      short: 'Generate certificate keys',
      maxArgs: 0,
      run: (call) => call.out(call.host.random.hex(64) || randomBytes(32).toString('hex')),
    },
    checkExpiration,
    {
      name: 'generate-csr',
      short: 'Generate keys and certificate signing requests',
      flags: ['cert-dir', 'config', 'kubeconfig-dir'],
      maxArgs: 0,
      run() {
        throw new KubeadmError(
          'kubeadm keeps its own certificate authority on these machines: there is nothing to request',
        );
      },
    },
    renewal,
  ],
};
