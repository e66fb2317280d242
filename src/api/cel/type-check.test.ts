import { beforeAll, expect, test } from 'vitest';
import { loadCel } from './index.ts';
import { typeWarnings } from './type-check.ts';

beforeAll(loadCel);

const policy = (resources: string[], ...expressions: string[]) =>
  ({
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources }] },
      validations: expressions.map((expression) => ({ expression })),
    },
  }) as unknown as Parameters<typeof typeWarnings>[0];

test('expressions are checked against the types of the kinds that they are for', () => {
  expect(
    typeWarnings(
      policy(
        ['statefulsets', 'deployments'],
        'object.spec.replicas > 1',
        'object.spec.serviceName == "x"',
        'object.spec.replicas == "1"',
        'object.spec.template.spec.containers.all(c, c.image.startsWith("a")) && has(object.metadata.labels.app)',
      ),
    ),
  ).toEqual([
    {
      fieldRef: 'spec.validations[1].expression',
      warning:
        'apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field \'serviceName\'\n | object.spec.serviceName == "x"\n | ...........^\n',
    },
    {
      fieldRef: 'spec.validations[2].expression',
      warning: ['Deployment', 'StatefulSet']
        .map(
          (kind) =>
            `apps/v1, Kind=${kind}: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'\n | object.spec.replicas == "1"\n | .....................^\n`,
        )
        .join('\n'),
    },
  ]);
  expect(typeWarnings(policy(['*'], 'object.nope == 1'))).toEqual([]);
});

test('a test of presence stands where its macro was called', () => {
  const [found] = typeWarnings(policy(['deployments'], 'true && has(object.spec.nope)'));
  expect(found?.warning).toBe(
    "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'nope'\n | true && has(object.spec.nope)\n | ...........^\n",
  );
});
