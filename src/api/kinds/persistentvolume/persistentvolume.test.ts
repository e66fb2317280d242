import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from '../index.ts';
import { type Json, refusals, updateRefusals, warningsOf } from '../testing.ts';

beforeAll(loadStrategies);

const volume = (spec: Json, annotations?: Json): Json => ({
  metadata: { annotations },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
});
const hostPath = { path: '/a' };

const CREATE: [what: string, object: Json, lines: string[]][] = [
  [
    'nothing at all',
    { spec: {} },
    [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: core.ResourceList(nil): supported values: "storage"',
      'spec: Required value: must specify a volume type',
    ],
  ],
  [
    'a capacity of another kind, and none',
    volume({ capacity: { cpu: '1' }, hostPath }),
    [
      'spec.capacity: Unsupported value: core.ResourceList{"cpu":resource.Quantity{i:resource.int64Amount{value:1, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1", Format:"DecimalSI"}}: supported values: "storage"',
    ],
  ],
  [
    'two sources',
    volume({ hostPath, nfs: { server: 's', path: '/p' }, local: { path: '/l' } }),
    [
      'spec.nfs: Forbidden: may not specify more than 1 volume type',
      'spec.local: Forbidden: may not specify more than 1 volume type',
    ],
  ],
  [
    'a local volume anywhere',
    volume({ local: { path: '/a/../b' } }),
    [
      'spec.local.path: Invalid value: "/a/../b": must not contain \'..\'',
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  ],
  [
    'secrets of a driver',
    volume({ csi: { driver: 'd.io', nodePublishSecretRef: { name: 'x' } } }),
    ['spec.csi.volumeHandle: Required value', 'spec.csi.nodePublishSecretRef.namespace: Required value'],
  ],
  [
    'a disk',
    volume({ gcePersistentDisk: { pdName: '', partition: 300 } }),
    [
      'spec.persistentDisk.pdName: Required value',
      'spec.persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive',
    ],
  ],
  [
    'mount options of a host path',
    volume({ hostPath }, { 'volume.beta.kubernetes.io/mount-options': 'ro' }),
    [
      'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
    ],
  ],
  [
    'a root that is recycled',
    volume({ hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
];

describe('a volume is refused for', () => {
  it.each(CREATE)('%s', (_, object, lines) => {
    expect(refusals('persistentvolumes', object)).toEqual(lines);
  });
});

const diff = (...lines: string[]) =>
  [
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    '  core.PersistentVolumeSource{',
    '  \tGCEPersistentDisk:    nil,',
    '  \tAWSElasticBlockStore: nil,',
    ...lines,
    '  \tGlusterfs: nil,',
    '  \tNFS:       nil,',
    '  \t... // 17 identical fields',
    '  }',
    '',
  ].join('\n');

const UPDATE: [what: string, before: Json, after: Json, lines: string[]][] = [
  [
    'its path',
    volume({ hostPath }),
    volume({ hostPath: { path: '/b' } }),
    [
      diff(
        '  \tHostPath: &core.HostPathVolumeSource{',
        '- \t\tPath: "/a",',
        '+ \t\tPath: "/b",',
        '  \t\tType: &"",',
        '  \t},',
      ),
    ],
  ],
  [
    'its mode and class of attributes',
    volume({ hostPath }),
    volume({ hostPath, volumeMode: 'Block', volumeAttributesClassName: 'gold' }),
    ['volumeMode: Invalid value: "Block": field is immutable'],
  ],
];

describe('a volume may not change', () => {
  it.each(UPDATE)('%s', (_, before, after, lines) => {
    expect(updateRefusals('persistentvolumes', before, after)).toEqual(lines);
  });
});

it('what is going out of use is warned of', () => {
  const terms = [{ matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }] }];
  const spec = {
    rbd: {},
    persistentVolumeReclaimPolicy: 'Recycle',
    nodeAffinity: { required: { nodeSelectorTerms: terms } },
  };
  expect(warningsOf('persistentvolumes', volume(spec, { 'volume.beta.kubernetes.io/storage-class': 'a' }))).toEqual([
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ]);
});
