import type { UserInfo } from '../api/request.ts';
import type { User } from '../kubectl/kubeconfig/config.ts';
import { issue, leafKey, YEAR_SECONDS } from '../node/pki/issue.ts';
import type { Administrator } from './authenticate.ts';
import { credentialOf } from './client-certificate.ts';
import type { Cluster } from './cluster.ts';

const NAME = 'kubernetes-admin';
/** The group that kubeadm binds to cluster-admin, and the binding's name. */
const KUBEADM_ADMINS = 'kubeadm:cluster-admins';
/** As long as a lab may live. */
const YEARS = 10;

/** Who speaks with the token of a cluster that kubeadm did not make. */
const WITH_TOKEN: UserInfo = { username: NAME, uid: NAME, groups: ['system:masters', 'system:authenticated'] };

/** What the section `cluster` keeps of what was handed out. */
interface Sections {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Draws the token that the administrator of a new cluster may speak with. */
export function admitAdministrator({ random }: Cluster, section: Sections): void {
  section.set('tokens', { [`kubemu-${random.hex(32)}`]: WITH_TOKEN });
}

/** Where kubeadm made the control plane, the administrator has a certificate instead. `at`: ms. */
export function certifyAdministrator(cluster: Cluster, section: Sections, at: number): void {
  if (!cluster.spec.addons.includes('control-plane')) return;
  const bound = cluster.store.get('clusterrolebindings.rbac.authorization.k8s.io', '', KUBEADM_ADMINS);
  const certificate = issue({
    authority: 'ca',
    commonName: NAME,
    organizations: [bound ? KUBEADM_ADMINS : 'system:masters'],
    client: true,
    at,
    seconds: YEARS * YEAR_SECONDS,
  });
  const kept: Administrator = {
    certificate: Buffer.from(certificate).toString('base64'),
    credential: credentialOf(certificate),
  };
  section.set('administrator', kept);
}

/** How the administrator of a cluster (its section `cluster`) proves it: the user of a kubeconfig. */
export function administratorOf(section: Pick<Sections, 'get'>): User {
  const kept = section.get('administrator') as Administrator | undefined;
  if (kept)
    return {
      'client-certificate-data': kept.certificate,
      'client-key-data': Buffer.from(leafKey()).toString('base64'),
    };
  const [token = ''] = Object.keys((section.get('tokens') as Record<string, unknown>) ?? {});
  return { token };
}
