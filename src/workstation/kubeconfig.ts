import { readAsset } from '../base/assets.ts';
import type { Kubeconfig } from '../kubectl/kubeconfig/config.ts';

/** Adds a cluster, its administrator and the context of both, and makes it the current one. `ca`: PEM; the clusters' own unless given. */
export function addCluster(
  config: Kubeconfig,
  name: string,
  { server, token, ca, namespace }: { server: string; token: string; ca?: string; namespace?: string },
): void {
  const user = `${name}-admin`;
  const authority = Buffer.from(ca ?? readAsset('fixtures/pki/ca.crt')).toString('base64');
  config.clusters.set(name, { server, 'certificate-authority-data': authority });
  config.users.set(user, { token });
  config.contexts.set(name, { cluster: name, user, ...(namespace && { namespace }) });
  config.currentContext = name;
}
