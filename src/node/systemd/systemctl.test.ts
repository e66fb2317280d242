import { describe, expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { journalctl } from './journalctl.ts';
import { systemctl } from './systemctl.ts';

const at = (time: string): number => Date.parse(`${time}Z`);

const FOCAL = {
  systemd: 245,
  unitFolder: '/lib/systemd/system',
  units: {
    kubelet: { pid: 643, tasks: 15, tasksLimit: 1072, memory: 106_640_179, since: '2021-06-18T02:22:22Z' },
    docker: {
      pid: 711,
      tasks: 45,
      tasksLimit: 0,
      memory: 154_560_103,
      since: '2021-06-18T02:22:32Z',
      journal: [
        {
          at: '2021-06-18T02:22:31Z',
          message: 'time="2021-06-18T02:22:31.514334977Z" level=info msg="Loading containers: done."',
        },
      ],
    },
  },
  kubeletFlags: ['--config=/var/lib/kubelet/config.yaml', '--network-plugin=cni'],
};

const focal = (now: number) =>
  testHost({
    now,
    machine: FOCAL,
    record: { containerRuntimeVersion: 'docker://20.10.6', bootedAt: at('2021-06-18T02:22:00') },
  });

describe('systemctl status', () => {
  it('shows a service as systemd 245 does, cut by the pager, and warns a user about the journal', async () => {
    const context = { argv: ['systemctl', 'status', 'kubelet'], user: 'rajith', columns: 60 };
    const { host, run } = focal(at('2021-06-18T02:40:59'));
    const result = await run((c) => systemctl(host, c), context);
    expect(result.stdout).toBe(`● kubelet.service - kubelet: The Kubernetes Node Agent
     Loaded: loaded (/lib/systemd/system/kubelet.service; e>
    Drop-In: /etc/systemd/system/kubelet.service.d
             └─10-kubeadm.conf
     Active: active (running) since Fri 2021-06-18 02:22:22>
       Docs: https://kubernetes.io/docs/home/
   Main PID: 643 (kubelet)
      Tasks: 15 (limit: 1072)
     Memory: 101.6M
     CGroup: /system.slice/kubelet.service
             └─643 /usr/bin/kubelet --config=/var/lib/kubel>
`);
    expect(result.stderr).toBe('\nWarning: some journal files were not opened due to insufficient permissions.\n');
  });

  it('shows root the journal, and what triggers a service', async () => {
    const { host, run } = focal(at('2021-06-18T03:05:40'));
    const result = await run((c) => systemctl(host, c), { argv: ['systemctl', 'status', 'docker'], user: 'root' });
    expect(result.stdout).toBe(`● docker.service - Docker Application Container Engine
     Loaded: loaded (/lib/systemd/system/docker.service; enabled; vendor preset: enabled)
     Active: active (running) since Fri 2021-06-18 02:22:32 UTC; 43min ago
TriggeredBy: ● docker.socket
       Docs: https://docs.docker.com
   Main PID: 711 (dockerd)
      Tasks: 45
     Memory: 147.4M
     CGroup: /system.slice/docker.service
             └─711 /usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock

Jun 18 02:22:31 node-1 dockerd[711]: time="2021-06-18T02:22:31.514334977Z" level=info msg="Loading containers: done."
`);
  });
});

describe('systemctl', () => {
  const cases: [string, string, string, string, number][] = [
    ['root', 'is-active kubelet', 'active\n', '', 0],
    ['root', 'is-active nosuch', 'inactive\n', '', 3],
    ['root', 'status nosuch', '', 'Unit nosuch.service could not be found.\n', 4],
    ['root', 'start nosuch', '', 'Failed to start nosuch.service: Unit nosuch.service not found.\n', 5],
    ['root', 'frob', '', 'Unknown command verb frob.\n', 1],
    ['root', 'stop', '', 'Too few arguments.\n', 1],
    [
      'root',
      'is-enabled nosuch',
      '',
      'Failed to get unit file state for nosuch.service: No such file or directory\n',
      1,
    ],
    ['root', 'is-active -q kubelet', '', '', 0],
    ['root', 'show kubelet -p ActiveState,MainPID', 'MainPID=812\nActiveState=active\n', '', 0],
    ['root', 'show kubelet --property=Restart --value', 'always\n', '', 0],
    ['root', 'list-unit-files kubelet.service --no-legend', 'kubelet.service enabled enabled\n', '', 0],
    ['root', '--failed', '  UNIT LOAD ACTIVE SUB DESCRIPTION\n\n0 loaded units listed.\n', '', 0],
    [
      'root',
      'list-units --type=service --plain --no-legend kube*',
      'kubelet.service loaded active running kubelet: The Kubernetes Node Agent\n',
      '',
      0,
    ],
    ['root', 'mask ssh', '', 'Created symlink /etc/systemd/system/ssh.service → /dev/null.\n', 0],
    ['root', 'disable ssh', '', 'Removed "/etc/systemd/system/multi-user.target.wants/ssh.service".\n', 0],
    ['root', 'status docker', '', 'Unit docker.service could not be found.\n', 4],
  ];
  it.each(cases)('%s$ systemctl %s', async (user, words, stdout, stderr, code) => {
    const { host, run } = testHost();
    expect(await run((c) => systemctl(host, c), { argv: ['systemctl', ...words.split(' ')], user })).toEqual({
      stdout,
      stderr,
      code,
    });
  });

  it('does not start what is masked', async () => {
    const { host, run } = testHost();
    const type = (words: string) =>
      run((c) => systemctl(host, c), { argv: ['systemctl', ...words.split(' ')], user: 'root' });
    await type('mask --now ssh');
    expect((await type('list-jobs')).stdout).toBe('No jobs running.\n');
    expect((await type('start ssh')).stderr).toBe('Failed to start ssh.service: Unit ssh.service is masked.\n');
    expect((await type('is-enabled ssh')).stdout).toBe('masked\n');
    await type('unmask ssh');
    expect((await type('start ssh')).code).toBe(0);
  });

  it('tells in the journal of a service that was killed', async () => {
    const { host, run } = testHost();
    await run((c) => systemctl(host, c), { argv: 'systemctl kill -s KILL ssh'.split(' '), user: 'root' });
    const { stdout } = await run((c) => journalctl(host, c), {
      argv: 'journalctl -u ssh -o cat'.split(' '),
      user: 'root',
    });
    expect(stdout).toBe(
      [
        'Started ssh.service - OpenBSD Secure Shell server.',
        'ssh.service: Main process exited, code=killed, status=9/KILL',
        "ssh.service: Failed with result 'signal'.",
        '',
      ].join('\n'),
    );
  });

  it('stops the kubelet in the cluster too, and starts it again', async () => {
    const { host, run, changes } = testHost();
    await run((c) => systemctl(host, c), { argv: ['systemctl', 'stop', 'kubelet'], user: 'root' });
    expect(host.record().kubelet.active).toBe(false);
    expect(
      (await run((c) => systemctl(host, c), { argv: ['systemctl', 'is-active', 'kubelet'], user: 'root' })).stdout,
    ).toBe('inactive\n');
    await run((c) => systemctl(host, c), { argv: ['systemctl', 'start', 'kubelet'], user: 'root' });
    expect(host.record().kubelet.active).toBe(true);
    expect(changes).toEqual(['unit/kubelet', 'unit/kubelet']);
  });
});
