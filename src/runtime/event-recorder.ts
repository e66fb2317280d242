import type { KubeObject } from '../types/objects.ts';

/** Records Kubernetes events as client-go's recorder does: the same event again raises `count` and `lastTimestamp`. */
export interface EventRecorder {
  event(
    regarding: EventTarget,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: EventOptions,
  ): void;
}

export interface EventOptions {
  /** `spec.containers{web}` */
  fieldPath?: string;
  /** source.component: `kubelet`, `deployment-controller` … */
  component?: string;
  /** source.host */
  host?: string;
  /** The scheduler records through events.k8s.io: `action` is set, and `source` is empty, count absent. */
  action?: string;
}

export type EventTarget = KubeObject;
