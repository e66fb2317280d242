import type { V1FlowSchema } from '@kubernetes/client-node';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Resource } from '../../types/objects.ts';

type FlowSchema = Resource<V1FlowSchema>;

const GROUP = 'flowcontrol.apiserver.k8s.io';
const SCHEMAS = `flowschemas.${GROUP}`;
const LEVELS = `prioritylevelconfigurations.${GROUP}`;
const DANGLING = 'Dangling';
const APPLIER = 'api-priority-and-fairness-config-consumer-v1';

/** Says whether the level that a schema names is there. */
function tell(schema: FlowSchema, { client, now }: ActorWorld): void {
  const { metadata, apiVersion, kind, spec, status } = schema;
  const level = spec?.priorityLevelConfiguration?.name ?? '';
  const exists = client.get(LEVELS, '', level) !== undefined;
  const condition = {
    type: DANGLING,
    status: exists ? 'False' : 'True',
    reason: exists ? 'Found' : 'NotFound',
    message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${exists ? 'and it exists' : 'but there is no such object'}`,
  };
  const before = status?.conditions?.find(({ type }) => type === DANGLING);
  if (before?.status === condition.status && before.message === condition.message) return;
  const conditions = [{ ...condition, lastTransitionTime: formatTime(now()) }];
  const applied = { apiVersion, kind, metadata: { name: metadata.name! }, status: { conditions } };
  client.apply(SCHEMAS, applied as unknown as FlowSchema, APPLIER, 'status');
}

/** The API server's own consumer of flow control (apiserver's util/flowcontrol, presyncFlowSchemaStatus). */
export const flowSchemaController: Actor = {
  name: 'api-priority-and-fairness-config-consumer',
  user: 'system:apiserver',
  manager: APPLIER,
  latency: 10,
  watches: [
    { resource: SCHEMAS, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) },
    {
      resource: LEVELS,
      keys: (_, { client }) => client.list(SCHEMAS).map(({ metadata }) => metadata.name!),
    },
  ],
  reconcile(key, world) {
    const schema = world.client.get(SCHEMAS, '', key) as FlowSchema | undefined;
    if (schema) tell(schema, world);
  },
};
