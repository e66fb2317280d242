import { readAsset } from '../base/assets.ts';
import type { Kubeconfig, User } from '../kubectl/kubeconfig/config.ts';

/** Adds a cluster, its administrator and the context of both, and makes it the current one. `ca`: PEM; the clusters' own unless given. */
export function addCluster(
  config: Kubeconfig,
  name: string,
  { server, user, ca, namespace }: { server: string; user: User; ca?: string; namespace?: string },
): void {
  const administrator = `${name}-admin`;
  const authority = Buffer.from(ca ?? readAsset('fixtures/pki/ca.crt')).toString('base64');
  config.clusters.set(name, { server, 'certificate-authority-data': authority });
  config.users.set(administrator, user);
  config.contexts.set(name, { cluster: name, user: administrator, ...(namespace && { namespace }) });
  config.currentContext = name;
}
