import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import { flowSchemaController } from './index.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const schema = {
  apiVersion,
  kind: 'FlowSchema',
  metadata: { name: 's' },
  spec: { priorityLevelConfiguration: { name: 'l' } },
};
const level = {
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: { name: 'l' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
};

test('a schema dangles until its level is there', async () => {
  const world = await TestWorld.with([flowSchemaController]);
  const condition = () =>
    (
      world.client.get('flowschemas.flowcontrol.apiserver.k8s.io', '', 's') as unknown as {
        status: { conditions: { status: string; message: string }[] };
      }
    ).status.conditions[0];
  world.create(schema);
  await world.run(100);
  expect(condition()).toMatchObject({ status: 'True', reason: 'NotFound' });
  world.create(level);
  await world.run(100);
  expect(condition()).toMatchObject({
    status: 'False',
    message: 'This FlowSchema references the PriorityLevelConfiguration object named "l" and it exists',
  });
});
