import { describe, expect, it } from 'vitest';
import { goDiff } from './diff.ts';
import { goSyntaxOf } from './syntax.ts';

const container = { name: 'c', image: 'nginx' };
const script = '#!/bin/sh\nset -e\necho one\necho two\necho three\nexec nginx\n';

/** Reports that cmp.Diff of go-cmp 0.7.0 made of the same values. */
const CASES: [name: string, type: string, before: object, after: object, report: string][] = [
  [
    'a list that is emptied',
    'core.PersistentVolumeClaimSpec',
    { accessModes: ['ReadWriteOnce'] },
    { accessModes: [] },
    `  core.PersistentVolumeClaimSpec{
- 	AccessModes: []core.PersistentVolumeAccessMode{"ReadWriteOnce"},
+ 	AccessModes: []core.PersistentVolumeAccessMode{},
  	Selector:    nil,
  	Resources:   {},
  	... // 6 identical fields
  }
`,
  ],
  [
    'a list inside a list',
    'core.PodSpec',
    { containers: [{ ...container, env: [{ name: 'A', value: '1' }] }] },
    { containers: [{ ...container, env: [{ name: 'A', value: '2' }] }] },
    `  core.PodSpec{
  	Volumes:        nil,
  	InitContainers: nil,
  	Containers: []core.Container{
  		{
  			... // 5 identical fields
  			Ports:   nil,
  			EnvFrom: nil,
  			Env: []core.EnvVar{
  				{
  					Name:      "A",
- 					Value:     "1",
+ 					Value:     "2",
  					ValueFrom: nil,
  				},
  			},
  			Resources:    {},
  			ResizePolicy: nil,
  			... // 14 identical fields
  		},
  	},
  	EphemeralContainers: nil,
  	RestartPolicy:       "",
  	... // 29 identical fields
  }
`,
  ],
  [
    'what is new, over several lines where it is long',
    'core.Container',
    container,
    {
      ...container,
      livenessProbe: {
        httpGet: { path: '/healthz', port: 8080, httpHeaders: [{ name: 'X', value: 'y' }] },
        initialDelaySeconds: 3,
      },
    },
    `  core.Container{
  	... // 11 identical fields
  	VolumeMounts:  nil,
  	VolumeDevices: nil,
- 	LivenessProbe: nil,
+ 	LivenessProbe: &core.Probe{
+ 		ProbeHandler: core.ProbeHandler{
+ 			HTTPGet: &core.HTTPGetAction{
+ 				Path:        "/healthz",
+ 				Port:        intstr.IntOrString{...},
+ 				HTTPHeaders: []core.HTTPHeader{...},
+ 			},
+ 		},
+ 		InitialDelaySeconds: 3,
+ 	},
  	ReadinessProbe: nil,
  	StartupProbe:   nil,
  	... // 8 identical fields
  }
`,
  ],
  [
    'a script, line by line',
    'core.Container',
    { ...container, args: ['-c', script] },
    { ...container, args: ['-c', script.replace('two', '2')] },
    `  core.Container{
  	Name:    "c",
  	Image:   "nginx",
  	Command: nil,
  	Args: []string{
  		"-c",
  		(
  			"""
  			#!/bin/sh
  			set -e
  			echo one
- 			echo two
+ 			echo 2
  			echo three
  			exec nginx
  			"""
  		),
  	},
  	WorkingDir: "",
  	Ports:      nil,
  	... // 18 identical fields
  }
`,
  ],
  [
    'a long text, piece by piece',
    'core.EnvVar',
    { name: 'A', value: `${'x'.repeat(100)}abc${'y'.repeat(200)}` },
    { name: 'A', value: `${'x'.repeat(100)}abd${'y'.repeat(200)}` },
    `  core.EnvVar{
  	Name: "A",
  	Value: strings.Join({
  		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxab",
- 		"c",
+ 		"d",
  		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
  		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
  		... // 72 identical bytes
  	}, ""),
  	ValueFrom: nil,
  }
`,
  ],
  [
    'quantities by their own fields',
    'core.VolumeResourceRequirements',
    { requests: { storage: '1Gi' } },
    { requests: { storage: '1500m' } },
    `  core.VolumeResourceRequirements{
  	Limits: nil,
- 	Requests: core.ResourceList{
- 		s"storage": {i: resource.int64Amount{value: 1073741824}, s: "1Gi", Format: "BinarySI"},
- 	},
+ 	Requests: core.ResourceList{
+ 		s"storage": {i: resource.int64Amount{value: 1500, scale: -3}, s: "1500m", Format: "DecimalSI"},
+ 	},
  }
`,
  ],
];

describe('goDiff', () => {
  it.each(CASES)('shows %s', (_name, type, before, after, report) => {
    expect(goDiff(type, before, after)).toBe(report);
  });
});

it.each([
  [
    'core.ContainerPort',
    { containerPort: 80, name: 'http' },
    'core.ContainerPort{Name:"http", HostPort:0, ContainerPort:80, Protocol:"", HostIP:""}',
  ],
  ['[]core.Volume', undefined, '[]core.Volume(nil)'],
  ['*int64', undefined, '(*int64)(nil)'],
  [
    'core.ConfigMapEnvSource',
    { name: 'x', optional: true },
    'core.ConfigMapEnvSource{LocalObjectReference:core.LocalObjectReference{Name:"x"}, Optional:(*bool)(0xc000a1e2c0)}',
  ],
  [
    'core.ResourceList',
    { cpu: '100m' },
    'core.ResourceList{"cpu":resource.Quantity{i:resource.int64Amount{value:100, scale:-3}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"100m", Format:"DecimalSI"}}',
  ],
])('%s as %%#v prints it', (type, value, text) => {
  expect(goSyntaxOf(type, value)).toBe(text);
});
