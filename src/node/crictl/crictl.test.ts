import { describe, expect, it } from 'vitest';
import { type ContainerRecord, type ImageRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { testHost } from '../testing.ts';
import { matchesPattern } from './format.ts';
import { crictl } from './index.ts';

const NOW = Date.UTC(2026, 10, 21, 3, 10, 11);
const image = (id: string, name: string, tags: string[]): ImageRecord => ({
  id: `sha256:${id.padEnd(64, '0')}`,
  node: 'node-1',
  repoTags: tags.map((tag) => `docker.io/library/${name}:${tag}`),
  repoDigests: [`docker.io/library/${name}@sha256:${id.padEnd(64, 'f')}`],
  size: 1_088_480,
  user: '',
  pulledAt: NOW,
});

function host() {
  const made = testHost({ now: NOW });
  const images = made.state.section<ImageRecord>(RUNTIME_SECTIONS.images);
  const busybox = image('47d6295620c7e', 'busybox', ['1.36', 'latest']);
  images.set(`node-1/${busybox.id}`, busybox);
  images.set('node-1/nginx', image('e8fe6e42917e3', 'nginx', ['1.27']));
  images.set('node-2/other', image('aaaaaaaaaaaaa', 'redis', ['7']));
  const container = {
    id: '594f1d564f156d35'.padEnd(64, '0'),
    node: 'node-1',
    sandbox: 'e3f1f20d77aaf19d'.padEnd(64, '0'),
    pod: { name: 'duo', namespace: 'gtcri', uid: 'u' },
    name: 'side',
    attempt: 0,
    imageID: busybox.id,
    imageName: 'docker.io/library/busybox:1.36',
    state: 'running',
    createdAt: NOW - 2500,
    labels: {},
    annotations: {},
  } as unknown as ContainerRecord;
  made.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers).set(`node-1/${container.id}`, container);
  return made;
}

const run = async (...words: string[]) => {
  const made = host();
  return await made.run((c) => crictl(made.host, c), { argv: ['crictl', ...words] });
};

describe('crictl', () => {
  it('lists the images of this node alone', async () => {
    expect((await run('images')).stdout).toBe(`IMAGE                       TAG                 IMAGE ID            SIZE
docker.io/library/busybox   1.36                47d6295620c7e       1.09MB
docker.io/library/busybox   latest              47d6295620c7e       1.09MB
docker.io/library/nginx     1.27                e8fe6e42917e3       1.09MB
`);
  });

  it('lists containers with their pods', async () => {
    expect(
      (await run('ps')).stdout,
    ).toBe(`CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD                 NAMESPACE
594f1d564f156       47d6295620c7e       2 seconds ago       Running             side                0                   e3f1f20d77aaf       duo                 gtcri
`);
  });

  const refusals: [string[], string][] = [
    [
      ['ps', '--state', 'foo'],
      'time="2026-11-21T03:10:11Z" level=error msg="listing containers: list containers: --state should be one of created, running, exited or unknown"\n',
    ],
    [
      ['ps', '-o', 'foo'],
      'time="2026-11-21T03:10:11Z" level=error msg="listing containers: unsupported output format \\"foo\\""\n',
    ],
    [
      ['rm', '594f1d564f156'],
      'time="2026-11-21T03:10:11Z" level=error msg="container \\"594f1d564f156\\" is running, please stop it first"\n',
    ],
    [
      ['logs', '--tail', 'x', '594f1d564f156'],
      'time="2026-11-21T03:10:11Z" level=error msg="invalid value \\"x\\" for flag -tail: parse error"\n',
    ],
    [['inspecti', 'nosuch:1'], 'time="2026-11-21T03:10:11Z" level=error msg="no such image \\"nosuch:1\\" present"\n'],
    [['pull'], 'time="2026-11-21T03:10:11Z" level=error msg="image name cannot be empty"\n'],
    [['stop'], 'you must specify at least one CONTAINER-ID or use --all\n'],
  ];
  it.each(refusals)('crictl %j', async (words, stderr) => {
    const result = await run(...words);
    expect(result).toMatchObject({ stderr, code: 1 });
  });
});

it('an expression that is none matches nothing', () => {
  expect(matchesPattern('^co.e', 'coredns')).toBe(true);
  expect(matchesPattern(undefined, 'coredns')).toBe(true);
  expect(matchesPattern('(', 'coredns')).toBe(false);
});
