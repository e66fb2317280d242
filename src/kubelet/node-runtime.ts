import { CriError, type RuntimeActions } from '../node/host.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import {
  type ContainerRecord,
  type ImageRecord,
  type LogRecord,
  type PodReference,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../types/node-runtime.ts';
import { machineOf } from './actor.ts';
import { containerStats } from './agent/proxy.ts';
import { ownProcesses } from './container-machine.ts';
import {
  catchUp,
  machineOf as containerMachine,
  removeContainer,
  runInContainer,
  SIGKILL,
  SIGTERM,
  signalContainer,
} from './containers.ts';
import { parseImage } from './image-reference.ts';
import { storeImage } from './images.ts';
import type { Platform } from './platform.ts';
import { disturb, openScope } from './pod/reconcile.ts';
import type { PodScope } from './pod/scope.ts';
import { pullFailure } from './pull-failure.ts';

const EXEC_LIMIT = 600_000;

/** What crictl and ctr do on a node, done to the kubelet's own records; its relist sees it a second later. */
export function nodeRuntime(world: ActorWorld, platform: Platform, node: string): RuntimeActions {
  const section = <T>(name: string) => world.state.section<T>(name);

  /** Does `work` on the pod that a record belongs to, and lets its kubelet notice. */
  function within<T>(pod: PodReference, work: (scope: PodScope) => T): T {
    const key = `${node}/${pod.namespace}/${pod.name}/${pod.uid}`;
    const machine = machineOf(world, node);
    const scope = machine && openScope(world, platform, machine, key);
    if (!scope) throw new CriError('NotFound', `pod ${pod.namespace}/${pod.name} is not known to this kubelet`);
    const result = work(scope);
    scope.requestRelist();
    disturb(scope, key);
    return result;
  }

  function container(id: string): ContainerRecord {
    const record = section<ContainerRecord>(RUNTIME_SECTIONS.containers).get(`${node}/${id}`);
    if (!record)
      throw new CriError('NotFound', `an error occurred when try to find container ${JSON.stringify(id)}: not found`);
    return record;
  }

  function sandbox(id: string): SandboxRecord {
    const record = section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes).get(`${node}/${id}`);
    if (!record) throw new CriError('NotFound', 'an error occurred when try to find sandbox: not found');
    return record;
  }

  const actions: RuntimeActions = {
    async exec(id, command) {
      const record = container(id);
      if (record.state !== 'running')
        throw new CriError('Unknown', `container is in CONTAINER_${record.state.toUpperCase()} state`);
      return within(record.pod, (scope) => {
        const run = runInContainer(scope, record, command, EXEC_LIMIT);
        if (run.failure) {
          throw new CriError(
            'Unknown',
            `failed to exec in container: failed to start exec "${world.random.hex(64)}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0]}": ${run.failure}: unknown`,
          );
        }
        const text = (stream: string) =>
          run.output
            .filter((chunk) => chunk.stream === stream)
            .map((chunk) => chunk.text)
            .join('');
        return { stdout: text('stdout'), stderr: text('stderr'), code: run.code ?? 124 };
      });
    },

    enter(id) {
      const record = section<ContainerRecord>(RUNTIME_SECTIONS.containers).get(`${node}/${id}`);
      if (record?.state !== 'running') return undefined;
      const { env, cwd, user } = record;
      return within(record.pod, (scope) => ({ machine: containerMachine(scope, record), env, cwd, user }));
    },

    log(id) {
      const { pod } = container(id);
      const key = `${node}/${pod.namespace}/${pod.name}/${pod.uid}`;
      const machine = machineOf(world, node);
      const scope = machine && openScope(world, platform, machine, key);
      if (scope && catchUp(scope)) disturb(scope, key);
      return section<LogRecord>(RUNTIME_SECTIONS.logs).get(id);
    },

    usage(id) {
      const record = container(id);
      if (record.state !== 'running') return undefined;
      const { cpu, memory } = containerStats('', record);
      const seconds = (world.now() - (record.startedAt ?? record.createdAt)) / 1000;
      return { cpu: Math.round(cpu.usageNanoCores * seconds), memory: memory.workingSetBytes };
    },

    imageConfig: (id) =>
      platform.programs.image(id, section<ImageRecord>(RUNTIME_SECTIONS.images).get(`${node}/${id}`)?.repoTags[0]),

    pullImage(name) {
      const reference = parseImage(name);
      if (!reference)
        throw new CriError('InvalidArgument', `failed to parse image reference "${name}": invalid reference format`);
      const image = platform.programs.resolve(reference.normalised);
      if (!image) {
        const lack = platform.programs.lack(reference.normalised);
        const { code, message } = pullFailure(reference, lack, machineOf(world, node)?.containerRuntimeVersion ?? '');
        throw new CriError(code, message);
      }
      return storeImage(world.state, node, image, reference, world.now()).id;
    },

    removeImage: (id) => section<ImageRecord>(RUNTIME_SECTIONS.images).delete(`${node}/${id}`),

    stopContainer(id) {
      const record = container(id);
      within(record.pod, (scope) => {
        signalContainer(scope, id, SIGTERM);
        signalContainer(scope, id, SIGKILL);
      });
    },

    removeContainer: (id) => within(container(id).pod, (scope) => removeContainer(scope, id)),

    stopSandbox(id) {
      const record = sandbox(id);
      within(record.pod, (scope) => {
        for (const { id: own } of scope.running()) signalContainer(scope, own, SIGKILL);
        scope.saveSandbox({ ...record, state: 'notready' });
      });
    },

    removeSandbox(id) {
      const record = sandbox(id);
      actions.stopSandbox(id);
      within(record.pod, (scope) => {
        for (const own of scope.containers()) if (own.sandbox === id) removeContainer(scope, own.id);
        scope.worker.sandboxes = scope.worker.sandboxes.filter((other) => other !== id);
      });
      section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes).delete(`${node}/${id}`);
    },

    processes: (id) => ownProcesses(world, platform, container(id)),

    signal(id, pid, signal) {
      const record = container(id);
      within(record.pod, (scope) => {
        if (pid === 1) signalContainer(scope, id, signal);
        else runInContainer(scope, record, ['kill', `-${signal}`, String(pid)], EXEC_LIMIT);
      });
    },
  };
  return actions;
}
