import type { HostMachine } from '../io.ts';

/** Where a pod finds its service account (client-go's rest.InClusterConfig). */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a process in a pod goes by, where no kubeconfig says anything. */
export interface InCluster {
  server: string;
  token: string;
  namespace: string | undefined;
}

/** The cluster around this machine, if it is a pod with a service account; undefined elsewhere. */
export function inCluster({ env, stat, readFile }: HostMachine): InCluster | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || !stat(`${FOLDER}/token`)) return undefined;
  const namespace = env.POD_NAMESPACE || (stat(`${FOLDER}/namespace`) && readFile(`${FOLDER}/namespace`).trim());
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: readFile(`${FOLDER}/token`).trim(),
    namespace: namespace || undefined,
  };
}
