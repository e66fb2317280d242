import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, statusRefusals, stored, updateRefusals, warningsOf } from './testing.ts';

beforeAll(loadStrategies);

const claim = (spec: Json): Json => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const attachment = (spec: Json): Json => ({ spec: { attacher: 'd.io', nodeName: 'n', ...spec } });

const CREATE: [what: string, resource: string, object: Json, lines: string[]][] = [
  [
    'sources of a claim',
    'persistentvolumeclaims',
    claim({
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'Some', name: '' },
      volumeMode: 'Tape',
    }),
    [
      'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
      'spec.dataSourceRef.name: Required value',
      'spec.dataSourceRef: Invalid value: "Some": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec: Invalid value: field.Path{name:"dataSource", index:"", parent:(*field.Path)(0xc000a1e2d0)}: must match dataSourceRef',
    ],
  ],
  [
    'a claim of less than nothing',
    'persistentvolumeclaims',
    claim({ resources: { requests: { storage: '-1' } }, accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] }),
    [
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'spec.resources[storage]: Invalid value: "-1": must be greater than zero',
    ],
  ],
  [
    'a class of storage',
    'storageclasses.storage.k8s.io',
    {
      provisioner: 'a/b/c',
      parameters: { '': 'x' },
      reclaimPolicy: 'Recycle',
      allowedTopologies: [
        {
          matchLabelExpressions: [
            { key: 'a', values: [] },
            { key: 'a', values: ['x', 'x'] },
          ],
        },
      ],
    },
    [
      "provisioner: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
      'parameters: Invalid value: "": field can not be empty.',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "x"',
      'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"',
    ],
  ],
  [
    'tokens of a driver',
    'csidrivers.storage.k8s.io',
    {
      spec: {
        tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }],
        volumeLifecycleModes: ['Never'],
        fsGroupPolicy: 'x',
      },
    },
    [
      'spec.fsGroupPolicy: Unsupported value: "x": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      'spec.volumeLifecycleModes: Unsupported value: "Never": supported values: "Persistent", "Ephemeral"',
    ],
  ],
  [
    'drivers of a node',
    'csinodes.storage.k8s.io',
    {
      spec: {
        drivers: [
          { name: 'd', nodeID: '' },
          { name: 'd', nodeID: 'n', topologyKeys: ['a', 'a'] },
        ],
      },
    },
    [
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[1].name: Duplicate value: "d"',
      'spec.drivers[1]: Duplicate value: "a"',
    ],
  ],
  [
    'an attachment of nothing',
    'volumeattachments.storage.k8s.io',
    attachment({ source: {} }),
    ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
  ],
  [
    'an inline volume that is more than its driver',
    'volumeattachments.storage.k8s.io',
    attachment({
      source: {
        inlineVolumeSpec: { capacity: { storage: '1' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
      },
    }),
    [
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    ],
  ],
  [
    'a capacity below zero',
    'csistoragecapacities.storage.k8s.io',
    { storageClassName: 'a', capacity: '-1' },
    ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
  ],
];

describe('a create is refused for', () => {
  it.each(CREATE)('%s (%s)', (_, resource, object, lines) => {
    expect(refusals(resource, object)).toEqual(lines);
  });
});

const UPDATE: [what: string, resource: string, before: Json, after: Json, lines: string[]][] = [
  [
    'what a class is made of',
    'storageclasses.storage.k8s.io',
    { provisioner: 'a', parameters: { a: 'b' } },
    { provisioner: 'b', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
    [
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ],
  ],
  [
    'the class that an annotation named',
    'persistentvolumeclaims',
    { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } }, ...claim({}) },
    { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'b' } }, ...claim({}) },
    ['metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "b": field is immutable'],
  ],
  ['a class from nothing to one', 'persistentvolumeclaims', claim({}), claim({ storageClassName: 'a' }), []],
  [
    'how a driver lives',
    'csidrivers.storage.k8s.io',
    { spec: {} },
    { spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } },
    [
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: []storage.VolumeLifecycleMode{"Ephemeral"}: field is immutable',
    ],
  ],
];

describe('an update may not change', () => {
  it.each(UPDATE)('%s (%s)', (_, resource, before, after, lines) => {
    expect(updateRefusals(resource, before, after)).toEqual(lines);
  });
});

describe('a claim', () => {
  it('says its source in both fields, unless it is none', () => {
    const source = { kind: 'PersistentVolumeClaim', name: 'a' };
    expect(stored('persistentvolumeclaims', claim({ dataSource: source }))).toMatchObject({
      spec: { dataSource: source, dataSourceRef: source },
    });
    const { spec } = stored(
      'persistentvolumeclaims',
      claim({ dataSource: { kind: 'Some', name: 'a' } }),
    ) as unknown as {
      spec: Json;
    };
    expect(Object.keys(spec)).toEqual(['accessModes', 'resources', 'volumeMode']);
  });

  it('has a status of storage', () => {
    expect(
      statusRefusals('persistentvolumeclaims', claim({}), {
        allocatedResourceStatuses: { cpu: 'Some' },
        capacity: { storage: '-1' },
      }),
    ).toEqual([
      'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatus: Unsupported value: cpu: supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    ]);
  });

  it('of half a byte is warned of', () => {
    expect(warningsOf('persistentvolumeclaims', claim({ resources: { requests: { storage: '1500m' } } }))).toEqual([
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ]);
  });
});
