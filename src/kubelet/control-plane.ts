import { COMPONENTS, type Component, noteComponent, noteVersion } from '../runtime/control-plane.ts';
import { RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import { containerFiles, type ProcessRecord, startOf } from './container-machine.ts';
import { faultOf } from './daemon-faults/index.ts';
import type { PodScope } from './pod/scope.ts';

/** Where a component listens once it works. */
const PORTS: Record<Component, number> = {
  etcd: 2379,
  'kube-apiserver': 6443,
  'kube-controller-manager': 10257,
  'kube-scheduler': 10259,
};

/** Keeps whether the component of the control plane that this pod is, if it is one, does its work. */
export function noteControlPlane(scope: PodScope): void {
  const { namespace, name, node } = scope.worker;
  if (namespace !== 'kube-system') return;
  const component = COMPONENTS.find((one) => name === `${one}-${node}`);
  if (!component) return;
  const up = works(scope, component);
  const isNew = noteComponent(scope.world.state, component, node, up);
  if (isNew && up && component === 'kube-apiserver') {
    const [, version] = /:(v\d+\.\d+\.\d+)$/.exec(scope.running()[0]?.image ?? '') ?? [];
    if (version) noteVersion(scope.world.state, version);
  }
  if (isNew && up && component === 'kube-apiserver') {
    const record = scope.running().find((one) => one.name === component)!;
    const files = containerFiles(scope.world, scope.platform, record, scope.sandbox()!, scope.pod);
    scope.platform.apiServerBegins?.(scope.world, record, files);
  }
  if (isNew && up && component === 'etcd') scope.platform.etcdBegins?.(scope.world, node, dataFolder(scope));
}

/** The folder of the node that etcd keeps its data in. */
function dataFolder(scope: PodScope): string {
  const record = scope.running().find(({ name }) => name === 'etcd');
  const path = record?.argv.find((word) => word.startsWith('--data-dir='))?.slice('--data-dir='.length) ?? '';
  const mount = record?.mounts.find(
    ({ containerPath }) => path === containerPath || path.startsWith(`${containerPath}/`),
  );
  return mount && 'node' in mount.source ? `${mount.source.path}${path.slice(mount.containerPath.length)}` : path;
}

function works(scope: PodScope, component: Component): boolean {
  const { world, platform, pod } = scope;
  const sandbox = scope.sandbox();
  const record = scope.running().find(({ name }) => name === component);
  const entry = record && world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes).get(record.id);
  const image = record && platform.programs.image(record.imageID, record.imageName);
  if (!record || !entry || !image || !sandbox) return false;
  const files = containerFiles(world, platform, record, sandbox, pod);
  return (
    platform.programs.listens(image, entry.process, PORTS[component]) &&
    !faultOf(startOf(world, platform, record, files))
  );
}
