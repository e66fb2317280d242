import type { Server } from 'node:net';
import type { KubeObject, Pod, Service } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError } from '../errors.ts';
import { podRunningTimeoutFlag, usageError } from '../flags/common.ts';
import { attachablePod, podArgument } from '../polymorphic/pods.ts';

const command: Command = {
  name: 'port-forward',
  use: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  short: 'Forward one or more local ports to a pod',
  long: `Forward one or more local ports to a pod.

A type and a name such as deployment/mydeployment select a pod; the type is 'pod' if it is left out.

Of several pods one is chosen. Forwarding ends when that pod does, and the command must be run again.`,
  examples: `
# Listen on ports 5000 and 6000 locally, forward to and from ports 5000 and 6000 in the pod
kubectl port-forward pod/mypod 5000 6000

# Listen on ports 5000 and 6000 locally, forward to and from these ports in a pod of the deployment
kubectl port-forward deployment/mydeployment 5000 6000

# Listen on port 8443 locally, forward to the target port of the service's port named "https" in a pod of the service
kubectl port-forward service/myservice 8443:https

# Listen on port 8888 locally, forward to 5000 in the pod
kubectl port-forward pod/mypod 8888:5000

# Listen on port 8888 on all addresses, forward to 5000 in the pod
kubectl port-forward --address 0.0.0.0 pod/mypod 8888:5000

# Listen on a random port locally, forward to 5000 in the pod
kubectl port-forward pod/mypod :5000`,
  flags: [
    {
      name: 'address',
      type: 'stringSlice',
      default: '[localhost]',
      usage:
        'Addresses to listen on, with commas between them: IP addresses or localhost, which is both 127.0.0.1 and ::1.',
    },
    podRunningTimeoutFlag('1m0s'),
  ],
  run: portForward,
};

export default command;

/** Splits `LOCAL:REMOTE`; a port alone is both, an empty local one is any. */
function splitPort(text: string): [local: string, remote: string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, text] : [text.slice(0, at), text.slice(at + 1)];
}

function namedPort(pod: Pod, name: string): number {
  for (const { ports = [] } of pod.spec?.containers ?? []) {
    const found = ports.find((port) => port.name === name);
    if (found) return found.containerPort;
  }
  throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${name}'`);
}

/** The pod's port behind a port of its service. */
function targetPort({ metadata, spec }: Service, pod: Pod, remote: string): number {
  const found = spec?.ports?.find(({ name, port }) => name === remote || String(port) === remote);
  if (!found) {
    const what = /^\d+$/.test(remote) ? 'service port' : 'named port';
    throw new CommandError(
      what === 'named port'
        ? `Service '${metadata.name}' does not have a named port '${remote}'`
        : `Service ${metadata.name} does not have a service port ${remote}`,
    );
  }
  if (found.protocol === 'UDP') throw new CommandError(`UDP protocol is not supported for ${remote}`);
  if (spec?.clusterIP === 'None') return Number(remote) || found.port;
  const target = found.targetPort ?? found.port;
  return typeof target === 'string' ? namedPort(pod, target) : Number(target) || found.port;
}

function parsePort(text: string, part: 'local' | 'remote'): number {
  const wrong = (reason: string) =>
    new CommandError(
      `error parsing ${part} port '${text}': strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}`,
    );
  if (text === '' && part === 'local') return 0;
  if (!/^\d+$/.test(text)) throw wrong('invalid syntax');
  const number = Number(text);
  if (number > 65535) throw wrong('value out of range');
  if (number === 0 && part === 'remote') throw new CommandError('remote port must be > 0');
  return number;
}

/** The ports as numbers, as far as names stand for them. */
function numbered(object: KubeObject, pod: Pod, text: string): [local: string, remote: string] {
  const [local, remote] = splitPort(text);
  if (remote === '') throw new CommandError('remote port cannot be empty');
  const service = object.kind === 'Service';
  const isNumber = /^\d+$/.test(remote);
  if (!service && isNumber) return [local, remote];
  const target = service ? targetPort(object as Service, pod, remote) : namedPort(pod, remote);
  const servicePort = (object as Service).spec?.ports?.find(({ name }) => name === remote)?.port;
  const chosen = local === remote && !isNumber ? String((service && servicePort) || target) : local;
  return [chosen, String(target)];
}

async function checkAddresses(addresses: string[]): Promise<void> {
  if (addresses.length === 0) throw new CommandError('you must specify at least 1 address');
  const { isIP } = await import('node:net');
  const wrong = addresses.find((each) => each !== 'localhost' && !isIP(each));
  if (wrong !== undefined) throw new CommandError(`${wrong} is not a valid IP`);
}

async function portForward(invocation: Invocation): Promise<void> {
  const { flags, args, factory } = invocation;
  const [target, ...ports] = args;
  if (target === undefined || ports.length === 0) {
    throw usageError(invocation, 'TYPE/NAME and list of ports are required for port-forward');
  }
  await factory.namespace();
  if (flags.duration('pod-running-timeout') <= 0) {
    throw usageError(invocation, '--pod-running-timeout must be higher than zero');
  }
  const { infos } = await factory.builder({ args: [podArgument(target)] }).infos();
  const object = infos[0]!.object!;
  const pod = await attachablePod(factory, object, flags.duration('pod-running-timeout'));
  const given = ports.map((text) => numbered(object, pod, text));
  const phase = pod.status?.phase;
  if (phase !== 'Running') {
    throw new CommandError(`unable to forward port because pod is not running. Current status=${phase}`);
  }
  await checkAddresses(flags.strings('address'));
  const wanted = given.map(([local, remote]) => ({
    local: parsePort(local, 'local'),
    remote: parsePort(remote, 'remote'),
  }));
  const { transport } = await factory.client();
  const { namespace = '', name = '' } = pod.metadata;
  const servers: Server[] = [];
  for (const { local, remote } of wanted) {
    const send = async (data: Uint8Array) => {
      await transport.rest();
      const answer = await transport.forward(namespace, name, remote, data);
      await transport.rest();
      return answer;
    };
    servers.push(...(await listen(invocation, local, remote, send)));
  }
  if (servers.length === 0)
    throw new CommandError(
      `unable to listen on any of the requested ports: [${wanted.map((each) => `{${each.local} ${each.remote}}`).join(' ')}]`,
    );
  await transport.rest();
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.once('close', resolve))));
}

/** Listens on every address of --address; an address that cannot be had is said and passed over. */
async function listen(
  { flags, environment }: Invocation,
  local: number,
  remote: number,
  send: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<Server[]> {
  const { io } = environment;
  const { createServer } = await import('node:net');
  const addresses = flags.strings('address').flatMap((each) => (each === 'localhost' ? ['127.0.0.1', '::1'] : [each]));
  const servers: Server[] = [];
  let chosen = local;
  for (const address of addresses) {
    const server = createServer((connection) => {
      io.out(`Handling connection for ${chosen}\n`);
      let turn = Promise.resolve();
      connection.on('data', (data) => {
        turn = turn
          .then(() => send(data))
          .then((answer) => void connection.write(answer))
          .catch((error: unknown) => {
            io.err(`error: an error occurred forwarding ${chosen} -> ${remote}: ${asError(error).message}\n`);
            connection.destroy();
          });
      });
      connection.on('end', () => void turn.then(() => connection.end()));
      connection.on('error', () => connection.destroy());
    });
    const problem = await new Promise<string | undefined>((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'EADDRINUSE' ? 'bind: address already in use' : error.message),
      );
      server.listen(chosen, address, () => resolve(undefined));
    });
    const shown = address.includes(':') ? `[${address}]` : address;
    if (problem) {
      // A machine without IPv6 has no ::1, which kubectl does not mind as long as 127.0.0.1 works.
      if (address !== '::1' || servers.length === 0) {
        io.err(
          `Unable to listen on port ${chosen}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 ${shown}:${chosen}: ${problem}]\n`,
        );
      }
      continue;
    }
    const bound = server.address();
    if (typeof bound === 'object' && bound) chosen = bound.port;
    io.out(`Forwarding from ${shown}:${chosen} -> ${remote}\n`);
    servers.push(server);
  }
  return servers;
}
