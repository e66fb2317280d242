import type { State } from '../store/section.ts';
import { RUNTIME_SECTIONS } from '../types/node-runtime.ts';

export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Whether a component of the control plane works on any machine. What no kubelet has ever run, somebody else runs. */
export function componentUp(state: State, component: Component): boolean {
  const section = state.section<boolean>(RUNTIME_SECTIONS.controlPlane);
  const keys = section.keys(`${component}/`);
  return keys.length === 0 || keys.some((key) => section.get(key));
}

/** Whether any component is down on any machine. */
export function someComponentDown(state: State): boolean {
  const section = state.section<boolean | string>(RUNTIME_SECTIONS.controlPlane);
  return section.keys().some((key) => section.get(key) === false);
}

/** Whether the API server answers: it does not without its etcd. */
export const apiServerUp = (state: State): boolean =>
  componentUp(state, 'etcd') && componentUp(state, 'kube-apiserver');

const VERSION = 'version';

/** What the API server that was started last calls itself: `v1.33.14`; undefined where no kubelet has started one. */
export const runningVersion = (state: State): string | undefined =>
  state.section<string>(RUNTIME_SECTIONS.controlPlane).get(VERSION);

/** Keeps the version of an API server that has begun to work. */
export const noteVersion = (state: State, version: string): void =>
  state.section<string>(RUNTIME_SECTIONS.controlPlane).set(VERSION, version);

/** Keeps whether a node's kubelet has a component running. It counts from when it first ran. Answers whether that is new. */
export function noteComponent(state: State, component: Component, node: string, up: boolean): boolean {
  const section = state.section<boolean>(RUNTIME_SECTIONS.controlPlane);
  const key = `${component}/${node}`;
  const before = section.get(key);
  if (before === up || (before === undefined && !up)) return false;
  section.set(key, up);
  return true;
}
