import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../base/assets.ts';
import { resume, runToEnd, signal, spawn } from '../evaluator.ts';
import { MemoryFiles, testMachine } from '../testing.ts';
import { ImageCatalogue } from './catalogue.ts';
import type { ImageFixture } from './family.ts';

const folder = join(packageRoot(), 'fixtures', 'images');
const texts = readdirSync(folder).map((name) => parse(readFileSync(join(folder, name), 'utf8')) as ImageFixture);
const fixtures = () => texts;
const catalogue = new ImageCatalogue(fixtures);

describe('the catalogue', () => {
  it.each([
    ['docker.io/library/nginx:1.27', '1.27.5', 'dash'],
    ['docker.io/library/nginx:latest', '1.29.1', 'dash'],
    ['docker.io/library/nginx:1.25-alpine', '1.25.5', 'busybox'],
    ['docker.io/library/nginx:1.14.2', '1.14.2', 'dash'],
  ])('%s is nginx %s', (reference, version, flavour) => {
    const { image } = catalogue.find(reference)!;
    expect([image.env.NGINX_VERSION, image.flavour, image.cmd]).toEqual([
      version,
      flavour,
      ['nginx', '-g', 'daemon off;'],
    ]);
    expect(new ImageCatalogue(fixtures).byId(image.id)?.image).toEqual(image);
  });

  it('knows one image by several tags, and different ones by different ids', () => {
    const id = (reference: string) => catalogue.find(reference)!.image.id;
    expect(id('docker.io/library/busybox:latest')).toBe(id('docker.io/library/busybox:1.37'));
    expect(id('docker.io/library/busybox:1.36')).not.toBe(id('docker.io/library/busybox:1.37'));
    expect(
      catalogue.find(`docker.io/library/busybox@${catalogue.find('docker.io/library/busybox:latest')!.image.digest}`)
        ?.image.id,
    ).toBe(id('docker.io/library/busybox:latest'));
  });

  it.each(['docker.io/library/nginx:doesnotexist', 'docker.io/library/nosuch:latest', 'docker.io/library/nginx:1.27x'])(
    'has no %s',
    (reference) => {
      expect(catalogue.find(reference)).toBeUndefined();
    },
  );

  it('makes every image that it names', () => {
    for (const { images = [] } of texts) {
      for (const { names, tags } of images) {
        const tag = tags.find((candidate) => !candidate.startsWith('/'));
        if (tag) for (const name of names) expect(catalogue.find(`${name}:${tag}`)?.image.repository).toBe(name);
      }
    }
  });

  it('knows what a configuration names and nothing else', () => {
    const only = new ImageCatalogue(fixtures, {
      only: [
        { name: 'docker.io/library/nginx', tags: ['1.27'], behaviour: 'server', logs: ['up'] },
        { name: 'docker.io/library/busybox', behaviour: 'shell' },
      ],
    });
    expect(only.find('docker.io/library/nginx:1.26')).toBeUndefined();
    expect(only.find('docker.io/library/redis:latest')).toBeUndefined();
    expect(only.find('docker.io/library/nginx:1.27')?.image).toMatchObject({
      flavour: 'busybox',
      entrypoint: ['/docker-entrypoint.sh'],
    });
    expect(only.find('docker.io/library/busybox:latest')?.files.list('/bin')).toContain('wget');
  });
});

describe('a registry', () => {
  it('says what it lacks', () => {
    expect(
      ['docker.io/library/nginx:nosuch', 'docker.io/library/nosuch:1'].map((name) => catalogue.lack(name)),
    ).toEqual(['tag', 'repository']);
    expect(new ImageCatalogue(fixtures, { only: [] }).lack('docker.io/library/nginx:1.27')).toBe('closed');
  });

  it('has what was added to it, over what it had', () => {
    const images = [
      { names: ['docker.io/library/nginx', 'example.com/x'], tags: ['/.*/'], base: 'alpine', env: { A: '{version}' } },
    ];
    const more = new ImageCatalogue(fixtures, { added: [{ images }] });
    expect(more.find('example.com/x:2.1')!.image.env.A).toBe('2.1');
    expect(more.find('docker.io/library/nginx:1.27')!.image.env.NGINX_VERSION).toBeUndefined();
    expect(more.find('docker.io/library/redis:7')).toBeDefined();
  });

  it('has everything, where everything may be pulled: also a later process knows what it was', () => {
    const name = 'quay.io/some/thing:v1.2.3-with-a-long-name';
    const open = () => new ImageCatalogue(fixtures, { unknown: () => ['quay.io/some/thing'] });
    const { image } = open().find(name)!;
    expect(image.entrypoint).toEqual(['/entrypoint']);
    expect(open().byId(image.id)?.daemons).toHaveProperty('entrypoint');
  });
});

describe('an image', () => {
  /** What its own command writes within a minute, and how it ends on a signal. */
  function start(reference: string, environment: Record<string, string> = {}, args?: string[]) {
    const { image, files, daemons } = catalogue.find(reference)!;
    const machine = testMachine({ flavour: image.flavour, files: writable(files), ...(daemons && { daemons }) });
    const argv = args ?? [...image.entrypoint, ...image.cmd];
    let step = resume(
      machine,
      spawn(machine, { argv, env: { ...image.env, ...environment }, cwd: image.cwd, user: image.user }),
    );
    const output = [...step.output];
    machine.time += 60_000;
    if (!step.exit) {
      step = resume(machine, step.process);
      output.push(...step.output);
    }
    const ended = step.exit ?? signal(machine, step.process, (image.stopSignal ?? 'TERM').replace('SIG', '')).exit;
    return {
      lines: output
        .map(({ text }) => text)
        .join('')
        .split('\n')
        .slice(0, -1),
      exit: ended,
    };
  }

  /** The image's files with an empty layer over them. */
  function writable(files: {
    list(path: string): string[];
    stat(path: string): { type: string; mode: number } | undefined;
    read(path: string): string;
  }): MemoryFiles {
    const copy = new MemoryFiles();
    const visit = (path: string) => {
      for (const name of files.list(path)) {
        const inner = path === '/' ? `/${name}` : `${path}/${name}`;
        const stat = files.stat(inner)!;
        if (stat.type === 'directory') {
          if (!copy.stat(inner)) copy.makeDir(inner);
          visit(inner);
        } else copy.write(inner, files.read(inner), { mode: stat.mode });
      }
    };
    visit('/');
    return copy;
  }

  it('of nginx configures itself, logs its start and stops on SIGQUIT', () => {
    const { lines, exit } = start('docker.io/library/nginx:1.27');
    expect(lines.slice(0, 3)).toEqual([
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/',
      '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh',
    ]);
    expect(lines.slice(8)).toEqual([
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
      '2026/11/21 04:00:00 [notice] 1#1: using the "epoll" event method',
      '2026/11/21 04:00:00 [notice] 1#1: nginx/1.27.5',
      '2026/11/21 04:00:00 [notice] 1#1: built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ',
      '2026/11/21 04:00:00 [notice] 1#1: OS: Linux 6.8.0',
      '2026/11/21 04:00:00 [notice] 1#1: getrlimit(RLIMIT_NOFILE): 1048576:1048576',
      '2026/11/21 04:00:00 [notice] 1#1: start worker processes',
      '2026/11/21 04:00:00 [notice] 1#1: start worker process 29',
      '2026/11/21 04:00:00 [notice] 1#1: start worker process 30',
    ]);
    expect(exit).toEqual({ code: 0 });
  });

  it.each([
    ['docker.io/library/mysql:8.0', {}, 1, /You need to specify one of the following/],
    ['docker.io/library/mysql:8.0', { MYSQL_ROOT_PASSWORD: 'x' }, 0, /ready for connections/],
    ['docker.io/library/postgres:16', {}, 1, /superuser password is not specified/],
    ['docker.io/library/postgres:16', { POSTGRES_PASSWORD: 'x' }, 0, /ready to accept connections/],
    ['docker.io/library/redis:7', {}, 0, /Ready to accept connections/],
    ['docker.io/library/httpd:2.4', {}, 0, /resuming normal operations/],
    ['registry.k8s.io/coredns/coredns:v1.12.0', {}, 0, /CoreDNS-v1.12.0/],
    ['docker.io/library/hello-world:latest', {}, 0, /Hello from Docker!/],
    ['docker.io/library/ubuntu:24.04', {}, 0, /^$/],
  ] as const)('of %s with %o ends with %i', (reference, environment, code, pattern) => {
    const { lines, exit } = start(reference, environment);
    expect([exit?.code, lines.find((line) => pattern.test(line)) ?? (lines.length === 0 ? '' : lines)]).toEqual([
      code,
      expect.stringMatching(pattern),
    ]);
  });

  it('without a shell has none', () => {
    const { files } = catalogue.find('registry.k8s.io/coredns/coredns:v1.12.0')!;
    expect(
      spawn(testMachine({ files }), { argv: ['sh', '-c', 'ls'], env: { PATH: '/bin' }, cwd: '/', user: 'root' })
        .failure,
    ).toBe('sh: not found');
  });

  it('of Debian has bash beside dash', async () => {
    const { files, image } = catalogue.find('docker.io/library/debian:12')!;
    const machine = testMachine({ files, flavour: image.flavour });
    const run = async (shell: string) =>
      (await runToEnd(machine, { argv: [shell, '-c', 'ps'], env: image.env, cwd: '/', user: '' })).stderr;
    expect([await run('sh'), await run('bash')]).toEqual([
      'sh: 1: ps: not found\n',
      'bash: line 1: ps: command not found\n',
    ]);
  });
});
