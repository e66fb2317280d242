import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from '../index.ts';
import { type Json, refusals, statusRefusals, stored, updateRefusals, warningsOf } from '../testing.ts';

const container = { name: 'c', image: 'nginx' };
const pod = (spec: Json = {}, metadata: Json = {}): Json => ({ metadata, spec: { containers: [container], ...spec } });
const withContainer = (fields: Json): Json => pod({ containers: [{ ...container, ...fields }] });
const withVolume = (source: Json): Json => pod({ volumes: [{ name: 'v', ...source }] });
const AT = 'spec.containers[0]';
const VOLUME = 'spec.volumes[0]';

const REFUSED: [what: string, object: Json, lines: string[]][] = [
  [
    'a search path with underscores is none with capitals',
    pod({ dnsConfig: { searches: ['_a.b_c.', '.', 'A'] } }),
    [
      "spec.dnsConfig.searches[2]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'sysctls of the host',
    pod({
      hostNetwork: true,
      securityContext: {
        sysctls: [{ name: 'net/ipv4/ip_forward' }, { name: 'A' }, { name: '' }],
        seLinuxChangePolicy: 'MountOption',
      },
    }),
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "net/ipv4/ip_forward": may not be specified when \'hostNetwork\' is true',
      'spec.securityContext.sysctls[1].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
      'spec.securityContext.sysctls[2].name: Required value',
      'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
    ],
  ],
  [
    'a Windows pod with what only Linux has',
    pod({
      os: { name: 'windows' },
      hostPID: true,
      securityContext: { runAsUser: 1, fsGroup: 2 },
      containers: [{ ...container, securityContext: { privileged: true } }],
    }),
    [
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
      'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
    ],
  ],
  [
    'users of Windows',
    withContainer({ securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c', gmsaCredentialSpec: '' } } }),
    [
      `${AT}.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string`,
      `${AT}.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`,
    ],
  ],
  [
    'host processes among others',
    pod({
      containers: [
        { ...container, securityContext: { windowsOptions: { hostProcess: true } } },
        { name: 'd', image: 'nginx' },
      ],
    }),
    [
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ],
  ],
  [
    'escalation that is both wanted and not',
    withContainer({ securityContext: { allowPrivilegeEscalation: false, privileged: true } }),
    [
      `${AT}.securityContext: Invalid value: core.SecurityContext{Capabilities:(*core.Capabilities)(nil), Privileged:(*bool)(0xc000a1b2c8), SELinuxOptions:(*core.SELinuxOptions)(nil), WindowsOptions:(*core.WindowsSecurityContextOptions)(nil), RunAsUser:(*int64)(nil), RunAsGroup:(*int64)(nil), RunAsNonRoot:(*bool)(nil), ReadOnlyRootFilesystem:(*bool)(nil), AllowPrivilegeEscalation:(*bool)(0xc000a1b2c8), ProcMount:(*core.ProcMountType)(nil), SeccompProfile:(*core.SeccompProfile)(nil), AppArmorProfile:(*core.AppArmorProfile)(nil)}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
  ],
  [
    'huge pages of a size that is none',
    withContainer({ resources: { limits: { 'hugepages-2Mi': '3Mi', 'hugepages-big': '1' } } }),
    [
      `${AT}.resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
      `${AT}.resources.limits[hugepages-big]: Invalid value: "1": 1 is not positive integer multiple of hugepages-big`,
      `${AT}.resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
      `${AT}.resources.requests[hugepages-big]: Invalid value: "1": 1 is not positive integer multiple of hugepages-big`,
      `${AT}.resources: Forbidden: HugePages require cpu or memory`,
    ],
  ],
  [
    'annotations of old',
    pod(
      {},
      {
        annotations: {
          'controller.kubernetes.io/pod-deletion-cost': '+1',
          'kubernetes.io/config.mirror': 'x',
          'seccomp.security.alpha.kubernetes.io/pod': 'strict',
        },
      },
    ),
    [
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer',
      'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "strict": must be a valid seccomp profile',
    ],
  ],
  [
    'profiles that contradict their annotations',
    pod(
      { containers: [{ ...container, securityContext: { seccompProfile: { type: 'Unconfined' } } }] },
      { annotations: { 'container.seccomp.security.alpha.kubernetes.io/c': 'runtime/default' } },
    ),
    [`${AT}.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match`],
  ],
  [
    'iSCSI',
    withVolume({ iscsi: { targetPortal: 'x', iqn: 'abc', lun: 300, chapAuthSession: true, initiatorName: 'eui.1' } }),
    [
      `${VOLUME}.iscsi.iqn: Invalid value: "abc": must be valid format starting with iqn, eui, or naa`,
      `${VOLUME}.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive`,
      `${VOLUME}.iscsi.secretRef: Required value`,
      `${VOLUME}.iscsi.initiatorname: Invalid value: "eui.1": must be valid format`,
    ],
  ],
  [
    'fibre channel',
    withVolume({ fc: {} }),
    [`${VOLUME}.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both`],
  ],
  [
    'disks of clouds',
    pod({
      volumes: [
        { name: 'a', gcePersistentDisk: { pdName: '', partition: 300 } },
        { name: 'b', azureDisk: { diskName: 'd', diskURI: 'x', kind: 'Managed' } },
        { name: 'c', flexVolume: { driver: 'd', options: { 'a.k8s.io/x': '1' } } },
        { name: 'd', cinder: { volumeID: 'x', secretRef: {} }, cephfs: { monitors: [] } },
      ],
    }),
    [
      'spec.volumes[0].persistentDisk.pdName: Required value',
      'spec.volumes[0].persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive',
      'spec.volumes[1].azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
      'spec.volumes[2].flexVolume.options[a.k8s.io/x]: Invalid value: "a.k8s.io/x": kubernetes.io and k8s.io namespaces are reserved',
      'spec.volumes[3].cinder.secretRef.name: Required value',
      'spec.volumes[3].cephFS: Forbidden: may not specify more than 1 volume type',
    ],
  ],
  [
    'keys that are selected twice',
    pod({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'k',
              matchLabelKeys: ['a'],
              labelSelector: { matchLabels: { a: '1' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] },
            },
          ],
        },
      },
    }),
    [
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
    ],
  ],
  [
    'a message policy',
    withContainer({ terminationMessagePolicy: 'X' }),
    [`${AT}.terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"`],
  ],
  [
    'a runtime class without a name',
    pod({ runtimeClassName: 'A' }),
    [
      "spec.runtimeClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
];

const GATED = { schedulingGates: [{ name: 'g' }] };
const terms = (...values: string[][]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: values.map((keys) => ({
          matchExpressions: keys.map((key) => ({ key, operator: 'Exists' })),
        })),
      },
    },
  },
});
const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

const CHANGED: [what: string, before: Json, after: Json, lines: string[]][] = [
  ['a gated pod gets a node selector', pod(GATED), pod({ ...GATED, nodeSelector: { a: 'b' } }), []],
  [
    'a gated pod loses one',
    pod({ ...GATED, nodeSelector: { a: 'b' } }),
    pod({ ...GATED, nodeSelector: { c: 'd' } }),
    [
      'spec.nodeSelector: Invalid value: map[string]string{"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ],
  ['a term gets another requirement', pod({ ...GATED, ...terms(['a']) }), pod({ ...GATED, ...terms(['a', 'b']) }), []],
  [
    'a term changes',
    pod({ ...GATED, ...terms(['a']) }),
    pod({ ...GATED, ...terms(['b']) }),
    [
      `${TERMS}[0]: Invalid value: core.NodeSelectorTerm{MatchExpressions:[]core.NodeSelectorRequirement{core.NodeSelectorRequirement{Key:"b", Operator:"Exists", Values:[]string(nil)}}, MatchFields:[]core.NodeSelectorRequirement(nil)}: only additions are allowed (no mutations or deletions)`,
    ],
  ],
  [
    'annotations that are fixed',
    pod({ nodeName: 'n' }, { annotations: { 'kubernetes.io/config.mirror': 'a' } }),
    pod({ nodeName: 'n' }, { annotations: { 'kubernetes.io/config.mirror': 'b' } }),
    ['metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not remove or update mirror pod annotation'],
  ],
  [
    'a new gate',
    pod(GATED),
    pod({ schedulingGates: [{ name: 'g' }, { name: 'h' }] }),
    ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'h'"],
  ],
];

const env = (...values: string[]) => values.map((value) => ({ name: 'A', value }));

const WARNED: [what: string, object: Json, lines: string[]][] = [
  [
    'a name with dots',
    pod({}, { name: 'a.b' }),
    [
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
  ],
  [
    'repeated variables',
    withContainer({ env: env('1', '$(A)x', '2') }),
    [`${AT}.env[2]: hides previous definition of "A", which may be dropped when using apply`],
  ],
  [
    'ports',
    withContainer({
      ports: [
        { containerPort: 80, hostIP: '127.0.0.1' },
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
    [
      `${AT}.ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:127.0.0.1}`,
      `${AT}.ports[1]: overlapping port definition with ${AT}.ports[0]`,
    ],
  ],
  [
    'paths above and below each other',
    withVolume({
      configMap: {
        name: 'x',
        items: [
          { key: 'a', path: 'd/e' },
          { key: 'b', path: 'd' },
        ],
      },
    }),
    ['volume "v" (ConfigMap "x"): overlapping paths: "d" with "d/e"'],
  ],
  [
    'paths of several sources',
    pod({
      serviceAccountName: 's',
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [
              { serviceAccountToken: { path: 't' } },
              { secret: { name: 's', items: [{ key: 'k', path: 't' }] } },
            ],
          },
        },
      ],
    }),
    ['volume "v" (Projected): overlapping paths: "t" (Secret "s") with "t" (ServiceAccountToken)'],
  ],
  [
    'addresses that are written oddly',
    pod({ hostAliases: [{ ip: '010.0.0.1' }] }),
    [
      'spec.hostAliases[0].ip: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    ],
  ],
  [
    'affinity to no pod, fractional bytes, but not time that is negative',
    pod({
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k' }] } },
      terminationGracePeriodSeconds: -1,
      containers: [{ ...container, resources: { limits: { memory: '100m' } } }],
    }),
    [
      `${AT}.resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer`,
      `${AT}.resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer`,
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
];

beforeAll(loadStrategies);

describe('a pod is refused for', () => {
  it.each(REFUSED)('%s', (_, object, lines) => expect(refusals('pods', object)).toEqual(lines));
});

describe('a pod may', () => {
  it.each(CHANGED)('%s', (_, before, after, lines) => expect(updateRefusals('pods', before, after)).toEqual(lines));
});

describe('a pod is warned of', () => {
  it.each(WARNED)('%s', (_, object, lines) =>
    expect(warningsOf('pods', object).filter((line) => !line.includes('duplicate port name'))).toEqual(lines),
  );
});

describe('a new pod', () => {
  it('loses what the gates of this version keep out', () => {
    const object = pod({
      resources: { limits: { cpu: '1' } },
      resourceClaims: [{ name: 'r' }],
      volumes: [{ name: 'i', image: { reference: 'x' } }],
      containers: [
        { ...container, lifecycle: { stopSignal: 'SIGUSR1' }, volumeMounts: [{ name: 'i', mountPath: '/i' }] },
      ],
    });
    expect(refusals('pods', object)).toEqual([]);
    expect(stored('pods', object)).toMatchObject({ spec: { volumes: [], containers: [{ volumeMounts: [] }] } });
  });

  it('selects what its matchLabelKeys mean', () => {
    const term = { topologyKey: 'k', labelSelector: {}, matchLabelKeys: ['v'], mismatchLabelKeys: ['t'] };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const { spec } = stored('pods', pod({ affinity }, { labels: { v: '1', t: '2' } })) as unknown as {
      spec: { affinity: typeof affinity };
    };
    expect(spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]!.labelSelector).toEqual({
      matchExpressions: [
        { key: 'v', operator: 'In', values: ['1'] },
        { key: 't', operator: 'NotIn', values: ['2'] },
      ],
    });
  });

  it('says of AppArmor the same in fields and annotations', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/c';
    const profile = { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'p' } } };
    expect(stored('pods', pod(profile)).metadata.annotations).toEqual({ [key]: 'localhost/p' });
    expect(stored('pods', pod({}, { annotations: { [key]: 'runtime/default' } }))).toMatchObject({
      spec: { containers: [{ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] },
    });
  });
});

describe("a pod's status", () => {
  const state = (which: Json) => ({ qosClass: 'BestEffort', containerStatuses: [{ name: 'c', state: which }] });

  it.each([
    ['another class', { qosClass: 'Guaranteed' }, ['status.qosClass: Invalid value: "Guaranteed": field is immutable']],
    ['no class', {}, []],
    [
      'addresses of one family',
      { podIPs: [{ ip: '10.0.0.1' }, { ip: 'x' }] },
      [
        'status.podIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'status.podIPs: Invalid value: []core.PodIP{core.PodIP{IP:"10.0.0.1"}, core.PodIP{IP:"x"}}: may specify no more than one IP for each IP family',
      ],
    ],
    ['a running container', state({ running: {} }), []],
  ])('may have %s', (_, status, lines) => expect(statusRefusals('pods', pod(), status)).toEqual(lines));
});
