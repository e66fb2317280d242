import type { Flag } from '../command.ts';
import { withoutGated } from '../feature-gates.ts';
import type { HostMachine } from '../io.ts';

/** The flags that every command has on a machine (`kubectl options`). */
export const globalFlags = (host: Pick<HostMachine, 'env' | 'home'>): Flag[] =>
  withoutGated(allGlobalFlags(host), host);

/** `home` is where the discovery cache would be. */
const allGlobalFlags = ({ home }: Pick<HostMachine, 'home'>): Flag[] => [
  {
    name: 'as',
    type: 'string',
    usage: 'User name to impersonate for the operation: a regular user or a service account of a namespace.',
  },
  { name: 'as-group', type: 'stringArray', usage: 'Group to impersonate for the operation; may be repeated.' },
  { name: 'as-uid', type: 'string', usage: 'UID to impersonate for the operation.' },
  { name: 'cache-dir', type: 'string', default: `${home}/.kube/cache`, usage: 'Folder of the discovery cache' },
  { name: 'certificate-authority', type: 'string', usage: 'File with the certificate of the certificate authority' },
  { name: 'client-certificate', type: 'string', usage: 'File with the client certificate for TLS' },
  { name: 'client-key', type: 'string', usage: 'File with the client key for TLS' },
  { name: 'cluster', type: 'string', usage: 'Cluster of the kubeconfig to use' },
  { name: 'context', type: 'string', usage: 'Context of the kubeconfig to use' },
  { name: 'disable-compression', type: 'bool', usage: 'Ask the server not to compress its responses' },
  {
    name: 'insecure-skip-tls-verify',
    type: 'bool',
    usage: "Do not check the server's certificate. This makes HTTPS connections insecure",
  },
  { name: 'kubeconfig', type: 'string', usage: 'Kubeconfig file to use' },
  {
    name: 'kuberc',
    type: 'string',
    gate: 'KUBECTL_KUBERC',
    usage: 'Kuberc file with the preferences to use. Exporting KUBECTL_KUBERC=false turns all of it off.',
  },
  {
    name: 'log-flush-frequency',
    type: 'duration',
    default: '5s',
    usage: 'Longest time between two flushes of the log',
  },
  { name: 'match-server-version', type: 'bool', usage: "Require the server's version to be the client's" },
  { name: 'namespace', shorthand: 'n', type: 'string', usage: 'Namespace of the request, if given' },
  { name: 'password', type: 'string', usage: 'Password for basic authentication to the API server' },
  {
    name: 'profile',
    type: 'string',
    default: 'none',
    usage: 'Profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex)',
  },
  { name: 'profile-output', type: 'string', default: 'profile.pprof', usage: 'File to write the profile to' },
  {
    name: 'request-timeout',
    type: 'string',
    default: '0',
    usage:
      'How long to wait for one request to the server, with a unit (1s, 2m, 3h) unless zero. Zero means no timeout.',
  },
  { name: 'server', shorthand: 's', type: 'string', usage: 'Address and port of the API server' },
  {
    name: 'tls-server-name',
    type: 'string',
    usage: "Name to check the server's certificate against; without it, the name used to reach the server",
  },
  { name: 'token', type: 'string', usage: 'Bearer token for authentication to the API server' },
  { name: 'user', type: 'string', usage: 'User of the kubeconfig to use' },
  { name: 'username', type: 'string', usage: 'User name for basic authentication to the API server' },
  { name: 'v', shorthand: 'v', type: 'int32', usage: 'How much to log' },
  {
    name: 'vmodule',
    type: 'stringSlice',
    default: '',
    usage: 'Comma-separated pattern=N settings for logging by file (text logs only)',
    check: checkVerbosities,
  },
  { name: 'warnings-as-errors', type: 'bool', usage: 'Exit with a non-zero code when the server sends warnings' },
];

/** klog's moduleSpec: `pattern=N,…`. */
function checkVerbosities(text: string): void {
  for (const setting of text.split(',').filter((one) => one !== '')) {
    const [pattern, level = '', ...more] = setting.split('=');
    if (!pattern || more.length > 0 || !/^[+-]?\d+$/.test(level))
      throw new Error('syntax error: expect comma-separated list of filename=N');
    if (Number(level) < 0) throw new Error('negative value for vmodule level');
  }
}

/** cobra's own flag, which help does not list. */
export const HELP_FLAG: Flag = { name: 'help', shorthand: 'h', type: 'bool', usage: 'help for this command' };
