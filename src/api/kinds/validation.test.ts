import { beforeAll, describe, expect, it } from 'vitest';
import { loadStrategies } from './index.ts';
import { type Json, refusals, updateRefusals } from './testing.ts';

const container = { name: 'c', image: 'nginx' };
const template = (labels: Json, spec: Json = {}) => ({
  metadata: { labels },
  spec: { containers: [container], ...spec },
});
const app = { app: 'web' };
const selector = { matchLabels: app };

const pod = (spec: Json) => ({ spec: { containers: [container], ...spec } });
const withContainer = (fields: Json) => pod({ containers: [{ ...container, ...fields }] });

const CREATE: [what: string, resource: string, object: Json, lines: string[]][] = [
  ['no containers', 'pods', { spec: {} }, ['spec.containers: Required value']],
  [
    'ports, policies, names and mounts',
    'pods',
    pod({
      restartPolicy: 'Sometimes',
      containers: [
        {
          ...container,
          ports: [
            { containerPort: 70000, name: 'this-name-is-way-too-long' },
            { containerPort: 0, protocol: 'HTTP' },
          ],
        },
        {
          name: 'c',
          image: '',
          imagePullPolicy: 'Maybe',
          env: [{ name: '1 BAD=NAME', value: 'x' }],
          volumeMounts: [{ name: 'nope', mountPath: '/data' }],
        },
      ],
    }),
    [
      'spec.containers[0].ports[0].name: Invalid value: "this-name-is-way-too-long": must be no more than 15 characters',
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[1].containerPort: Required value',
      'spec.containers[0].ports[1].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
      'spec.containers[1].image: Required value',
      'spec.containers[1].env[0].name: Invalid value: "1 BAD=NAME": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      'spec.containers[1].volumeMounts[0].name: Not found: "nope"',
      'spec.containers[1].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
      'spec.containers[1].name: Duplicate value: "c"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
  [
    'more asked for than allowed',
    'pods',
    withContainer({ resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '1', memory: '512Mi' } } }),
    [
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      'spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi',
    ],
  ],
  [
    'an unknown resource',
    'pods',
    withContainer({ resources: { requests: { gpu: '1' } } }),
    [
      'spec.containers[0].resources.requests[gpu]: Invalid value: gpu: must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[gpu]: Invalid value: gpu: must be a standard resource for containers',
    ],
  ],
  [
    'probes',
    'pods',
    withContainer({ livenessProbe: { successThreshold: 2 }, readinessProbe: { tcpSocket: { port: 0 }, exec: {} } }),
    [
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'spec.containers[0].readinessProbe.exec.command: Required value',
      'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
  ],
  [
    'init containers with probes',
    'pods',
    pod({ initContainers: [{ name: 'i', image: 'x', livenessProbe: { exec: { command: ['true'] } } }] }),
    [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'two sources for a volume',
    'pods',
    pod({
      volumes: [
        { name: 'v', emptyDir: {}, hostPath: { path: '../x' } },
        { name: 'w', configMap: {} },
      ],
    }),
    [
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[1].configMap.name: Required value',
    ],
  ],
  [
    'tolerations and affinity',
    'pods',
    pod({
      tolerations: [{ key: 'a', operator: 'Exists', value: 'b', effect: 'Never' }],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, podAffinityTerm: { topologyKey: 'k' } }],
        },
      },
    }),
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      'spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
      'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'a downward field that is none',
    'pods',
    withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nope' } } }] }),
    [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nope": error converting fieldPath: field label not supported: spec.nope',
    ],
  ],
  [
    'no selector',
    'deployments.apps',
    { spec: { template: template(app) } },
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'replicas, labels and restart policy',
    'deployments.apps',
    { spec: { replicas: -1, selector, template: template({ app: 'other' }, { restartPolicy: 'Never' }) } },
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.template.metadata.labels: Invalid value: map[string]string{"app":"other"}: `selector` does not match template `labels`',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ],
  [
    'a rollout that cannot move',
    'deployments.apps',
    {
      spec: {
        selector,
        template: template(app),
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } },
        progressDeadlineSeconds: 5,
        minReadySeconds: 5,
      },
    },
    [
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0',
      'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
    ],
  ],
  [
    'names and numbers of ports',
    'services',
    { spec: { ports: [{ port: 80 }, { port: 99999, targetPort: 'Bad_Port' }] } },
    [
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value',
      'spec.ports[1].port: Invalid value: 99999: must be between 1 and 65535, inclusive',
      'spec.ports[1].targetPort: Invalid value: "Bad_Port": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'a node port out of range',
    'services',
    { spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] } },
    [
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
  [
    'an address that is taken',
    'services',
    { spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] } },
    [
      'spec.clusterIPs: Invalid value: []string{"10.96.0.1"}: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ],
  ],
  [
    'a node port on a cluster IP',
    'services',
    { spec: { ports: [{ port: 80, nodePort: 30080 }] } },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'a TLS secret without its keys',
    'secrets',
    { type: 'kubernetes.io/tls', data: { a: 'Yg==' } },
    ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ],
  [
    'a priority above the highest',
    'priorityclasses.scheduling.k8s.io',
    { value: 2_000_000_000 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'a job that restarts for ever',
    'jobs.batch',
    { spec: { template: { spec: { containers: [container] } } } },
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'a schedule that is none',
    'cronjobs.batch',
    {
      spec: {
        schedule: '60 * * * *',
        concurrencyPolicy: 'Some',
        jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
      },
    },
    [
      'spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60',
      'spec.concurrencyPolicy: Unsupported value: "Some": supported values: "Allow", "Forbid", "Replace"',
    ],
  ],
  [
    'an ingress without rules, and one with bad paths',
    'ingresses.networking.k8s.io',
    { spec: { rules: [{ host: 'A', http: { paths: [{ path: 'x', pathType: 'Prefix', backend: {} }] } }] } },
    [
      "spec.rules[0].host: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ],
  ],
  [
    'a peer that is two',
    'networkpolicies.networking.k8s.io',
    { spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/33' } }] }] } },
    [
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
    ],
  ],
  [
    'a claim of nothing',
    'persistentvolumeclaims',
    { spec: { accessModes: ['Some'] } },
    [
      'spec.accessModes: Unsupported value: "Some": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.resources[storage]: Required value',
    ],
  ],
  [
    'an autoscaler upside down',
    'horizontalpodautoscalers.autoscaling',
    { spec: { minReplicas: 3, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'web' } } },
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  ],
  [
    'a limit below its minimum',
    'limitranges',
    { spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] } },
    [
      'spec.limits[0].min[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:2, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"2", Format:"DecimalSI"}: min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:1, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1", Format:"DecimalSI"}: min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: resource.Quantity{i:resource.int64Amount{value:2, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"2", Format:"DecimalSI"}: min value 2 is greater than default value 1',
    ],
  ],
  [
    'a role for nothing',
    'roles.rbac.authorization.k8s.io',
    { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }, {}] },
    [
      'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: namespaced rules cannot apply to non-resource URLs',
      'rules[1].verbs: Required value: verbs must contain at least one value',
      'rules[1].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[1].resources: Required value: resource rules must supply at least one resource',
    ],
  ],
];

const UPDATE: [what: string, resource: string, before: Json, after: Json, lines: string[]][] = [
  [
    'a selector',
    'deployments.apps',
    { spec: { selector, template: template(app) } },
    { spec: { selector: { matchLabels: { app: 'new' } }, template: template({ app: 'new' }) } },
    [
      'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"new"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
    ],
  ],
  [
    'a cluster IP',
    'services',
    { spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] } },
    { spec: { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.7'], ports: [{ port: 80 }] } },
    ['spec.clusterIPs[0]: Invalid value: []string{"10.96.0.8"}: may not change once set'],
  ],
  [
    'what is immutable',
    'configmaps',
    { immutable: true, data: { a: '1' } },
    { data: { a: '2' } },
    [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ],
  ],
  [
    "a pod's node selector",
    'pods',
    pod({ nodeName: 'n' }),
    pod({ nodeName: 'n', nodeSelector: { a: 'b' } }),
    [
      [
        'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        '  core.PodSpec{',
        '  \t... // 6 identical fields',
        '  \tActiveDeadlineSeconds:        nil,',
        '  \tDNSPolicy:                    "ClusterFirst",',
        '- \tNodeSelector:                 nil,',
        '+ \tNodeSelector:                 map[string]string{"a": "b"},',
        '  \tServiceAccountName:           "",',
        '  \tAutomountServiceAccountToken: nil,',
        '  \t... // 23 identical fields',
        '  }',
        '',
      ].join('\n'),
    ],
  ],
  ["a pod's image", 'pods', pod({}), withContainer({ image: 'nginx:2', imagePullPolicy: 'Always' }), []],
  [
    'the size of a claim that is not bound',
    'persistentvolumeclaims',
    {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage: '3Gi' } } },
    },
    {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local', resources: { requests: { storage: '9Gi' } } },
    },
    [
      [
        'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
        '  core.PersistentVolumeClaimSpec{',
        '  \tAccessModes: {"ReadWriteOnce"},',
        '  \tSelector:    nil,',
        '  \tResources: core.VolumeResourceRequirements{',
        '  \t\tLimits: nil,',
        '- \t\tRequests: core.ResourceList{',
        '- \t\t\ts"storage": {i: resource.int64Amount{value: 3221225472}, s: "3Gi", Format: "BinarySI"},',
        '- \t\t},',
        '+ \t\tRequests: core.ResourceList{',
        '+ \t\t\ts"storage": {i: resource.int64Amount{value: 9663676416}, s: "9Gi", Format: "BinarySI"},',
        '+ \t\t},',
        '  \t},',
        '  \tVolumeName:       "",',
        '  \tStorageClassName: &"local",',
        '  \t... // 4 identical fields',
        '  }',
        '',
      ].join('\n'),
    ],
  ],
  [
    "a stateful set's service",
    'statefulsets.apps',
    { spec: { serviceName: 'a', selector, template: template(app) } },
    { spec: { serviceName: 'b', selector, template: template(app) } },
    [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  ],
  [
    'a role that is bound',
    'rolebindings.rbac.authorization.k8s.io',
    { roleRef: { kind: 'Role', name: 'a' } },
    { roleRef: { kind: 'Role', name: 'b' } },
    [
      'roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"b"}: cannot change roleRef',
    ],
  ],
];

beforeAll(loadStrategies);

describe('a create is refused, in the real words, for', () => {
  it.each(CREATE)('%s (%s)', (_, resource, object, lines) => {
    expect(refusals(resource, object)).toEqual(lines);
  });

  it('bad names and labels', () => {
    const metadata = { name: 'Bad_Name', labels: { app: 'not valid!', '-x': 'yy' } };
    const [name, key, value] = refusals('pods', { ...pod({}), metadata });
    expect(name).toMatch(/^metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist/);
    expect(key).toMatch(/^metadata\.labels: Invalid value: "-x": name part must consist/);
    expect(value).toMatch(/^metadata\.labels: Invalid value: "not valid!": a valid label must be/);
  });
});

describe('an update may not change', () => {
  it.each(UPDATE)('%s (%s)', (_, resource, before, after, lines) => {
    expect(updateRefusals(resource, before, after)).toEqual(lines);
  });
});
