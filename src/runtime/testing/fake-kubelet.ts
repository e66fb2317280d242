import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../actor.ts';

/** Runs every pod that has a node: running and ready after `startup` ms, gone `shutdown` ms after its deletion. */
export function fakeKubelet(startup = 1000, shutdown = 1000): Actor {
  return {
    name: 'fake-kubelet',
    user: 'system:masters',
    manager: 'kubelet',
    latency: 5,
    watches: [{ resource: 'pods', keys: ({ object }) => [`${object.metadata.namespace}/${object.metadata.name}`] }],
    reconcile(key: string, world: ActorWorld) {
      const [namespace = '', name = ''] = key.split('/');
      const pod = world.client.get('pods', namespace, name);
      if (!pod?.spec?.nodeName) return;
      const started = world.state.section<number>('fake-kubelet');
      if (pod.metadata.deletionTimestamp) {
        const uid = `${pod.metadata.uid}-end`;
        if (!started.has(uid)) started.set(uid, world.now() + shutdown);
        if (world.now() < started.get(uid)!) world.wake(key, started.get(uid)!);
        else world.client.delete('pods', namespace, name, { gracePeriodSeconds: 0 });
        return;
      }
      const uid = pod.metadata.uid!;
      if (!started.has(uid)) started.set(uid, world.now() + startup);
      if (world.now() < started.get(uid)!) return world.wake(key, started.get(uid)!);
      if (pod.status?.phase !== 'Pending') return;
      const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: formatTime(world.now()) });
      const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition);
      const state = { running: { startedAt: formatTime(world.now()) } };
      const containerStatuses = pod.spec.containers.map(({ name: container, image = '' }) => ({
        name: container,
        image,
        imageID: '',
        ready: true,
        restartCount: 0,
        state,
      }));
      const podIP = `10.244.1.${1 + world.random.int(250)}`;
      const startTime = formatTime(world.now());
      const status = { ...pod.status, phase: 'Running', conditions, podIP, containerStatuses, startTime };
      world.client.updateStatus('pods', { ...pod, status } as typeof pod);
    },
  };
}

/** Puts every pod on the node that its affinity names, or on `node`: a scheduler for tests of others. */
export function fakeScheduler(node = 'node-1'): Actor {
  return {
    name: 'fake-scheduler',
    manager: 'kube-scheduler',
    latency: 5,
    watches: [{ resource: 'pods', keys: ({ object }) => [`${object.metadata.namespace}/${object.metadata.name}`] }],
    reconcile(key, world) {
      const [namespace = '', name = ''] = key.split('/');
      const pod = world.client.get('pods', namespace, name);
      if (!pod || pod.spec?.nodeName || pod.metadata.deletionTimestamp) return;
      const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const named = required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
      world.client.createSubresource('pods', namespace, name, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace },
        target: { kind: 'Node', name: named ?? node },
      } as never);
    },
  };
}

/** Ends every pod `duration` ms after it is seen, with the phase that `outcome` says. */
export function fakeWorker(outcome: (name: string) => 'Succeeded' | 'Failed', duration = 2000): Actor {
  return {
    name: 'fake-worker',
    user: 'system:masters',
    manager: 'kubelet',
    latency: duration,
    watches: [
      {
        resource: 'pods',
        keys: ({ type, object }) => (type === 'ADDED' ? [`${object.metadata.namespace}/${object.metadata.name}`] : []),
      },
    ],
    reconcile(key, { client, now }) {
      const [namespace = '', name = ''] = key.split('/');
      const pod = client.get('pods', namespace, name);
      if (!pod || pod.metadata.deletionTimestamp) return;
      const finishedAt = formatTime(now());
      const state = { terminated: { exitCode: outcome(name) === 'Failed' ? 1 : 0, finishedAt } };
      const container = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state };
      const status = { ...pod.status, phase: outcome(name), containerStatuses: [container] };
      client.updateStatus('pods', { ...pod, status } as typeof pod);
    },
  };
}
