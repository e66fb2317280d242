import type { MachineRecord } from '../types/node-runtime.ts';

/** What a runtime's status tells kubelets that it can; containerd tells it since version 2. */
const isTelling = ({ containerRuntimeVersion }: MachineRecord): boolean =>
  /^containerd:\/\/(?![01]\.)/.test(containerRuntimeVersion);

/** Whether the groups of an image's user can be left away, and the user of a container is known. */
export const knowsGroupsPolicy = isTelling;

/** Whether what is mounted below a read-only mount can be made read-only too. */
export const knowsRecursiveReadOnly = isTelling;

const HANDLER = { recursiveReadOnlyMounts: true, userNamespaces: true };

/** What a node's status says of its runtime's features; nothing where the runtime does not tell. */
export const runtimeFeatures = (machine: MachineRecord) =>
  isTelling(machine) && {
    runtimeHandlers: ['', 'runc'].map((name) => ({ name, features: HANDLER })),
    features: { supplementalGroupsPolicy: true },
  };
