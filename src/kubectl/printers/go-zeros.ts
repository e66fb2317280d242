import type { KubeObject } from '../../types/objects.ts';

type Fields = Record<string, unknown>;

const map = (value: unknown, change: (item: Fields) => Fields): unknown =>
  Array.isArray(value) ? value.map(change) : value;

const dated = (object: Fields): Fields => ({
  ...object,
  metadata: { creationTimestamp: null, ...(object.metadata as Fields | undefined) },
});

const container = (fields: Fields): Fields => ({ ...fields, resources: fields.resources ?? {} });

const podSpec = (spec: Fields): Fields => ({
  ...spec,
  containers: map(spec.containers ?? null, container),
  ...(spec.initContainers !== undefined && { initContainers: map(spec.initContainers, container) }),
});

const podTemplate = (template: Fields = {}): Fields => ({
  ...dated(template),
  spec: podSpec((template.spec ?? {}) as Fields),
});

const withTemplate = (spec: Fields): Fields => ({ ...spec, template: podTemplate(spec.template as Fields) });

const claim = (fields: Fields): Fields => ({
  ...dated(fields),
  spec: { ...(fields.spec as Fields), resources: (fields.spec as Fields | undefined)?.resources ?? {} },
  status: fields.status ?? {},
});

/** What the struct of a kind holds at least: its spec by what the file says of it, and its status. */
const STRUCTS: Record<string, { spec(spec: Fields): Fields; status: Fields }> = {
  Pod: { spec: podSpec, status: {} },
  Deployment: { spec: (spec) => ({ strategy: {}, ...withTemplate(spec) }), status: {} },
  ReplicaSet: { spec: withTemplate, status: { replicas: 0 } },
  ReplicationController: { spec: withTemplate, status: { replicas: 0 } },
  DaemonSet: {
    spec: (spec) => ({ updateStrategy: {}, ...withTemplate(spec) }),
    status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  },
  StatefulSet: {
    spec: (spec) => ({
      updateStrategy: {},
      ...withTemplate(spec),
      ...(spec.volumeClaimTemplates !== undefined && { volumeClaimTemplates: map(spec.volumeClaimTemplates, claim) }),
    }),
    status: { availableReplicas: 0, replicas: 0 },
  },
  Job: { spec: withTemplate, status: {} },
  CronJob: {
    spec(spec) {
      const job = (spec.jobTemplate ?? {}) as Fields;
      return { ...spec, jobTemplate: { ...dated(job), spec: withTemplate((job.spec ?? {}) as Fields) } };
    },
    status: {},
  },
  Service: {
    spec: (spec) => ({
      ...spec,
      ...(spec.ports !== undefined && { ports: map(spec.ports, (port) => ({ targetPort: 0, ...port })) }),
    }),
    status: { loadBalancer: {} },
  },
};

/** An object of a file as Go prints it once it has been read into its struct: fields that are never left out are there, empty. */
export function withGoZeros(object: KubeObject): KubeObject {
  const fields = dated(object as unknown as Fields);
  const struct = STRUCTS[object.kind];
  if (!struct) return fields as unknown as KubeObject;
  const spec = struct.spec((fields.spec ?? {}) as Fields);
  return { ...fields, spec, status: fields.status ?? struct.status } as unknown as KubeObject;
}
