import { goJson } from '../../base/go-json.ts';
import { executeTemplate } from '../../base/go-template/index.ts';
import { Quantity } from '../../base/quantity.ts';
import { ok, unlines } from '../../sh/tools/tool.ts';
import { logLine } from '../crictl/cli.ts';
import { imagesOf } from '../crictl/records.ts';
import { shown } from '../docker/lists.ts';
import { dockerContainers } from '../docker/model.ts';
import type { NodeHost } from '../host.ts';
import { type Call, KUBERNETES, type Verb } from './cli.ts';
import { bytesSize, formatOf, TABS } from './containers.ts';

/** The version of nerdctl, and where it was built from. */
export const VERSION = 'v2.1.6';
const COMMIT = '0dbc2bbd1a7ce5f7d6a4f7d4fb9ba3d0bf14dcaf';

const containerdVersion = (host: NodeHost): string => host.record().containerRuntimeVersion.split('://')[1]!;

const templated = (format: string, value: object): string =>
  `${/^(json|\{\{ ?json \. ?\}\})$/.test(format) ? goJson(value) : executeTemplate(format, value)}\n`;

export const version: Verb = {
  summary: 'Show the nerdctl version information',
  short: 'f:',
  long: ['format:'],
  run({ host, options }) {
    const containerd = `v${containerdVersion(host)}`;
    const document = {
      Client: {
        Version: VERSION,
        GitCommit: COMMIT,
        GoVersion: 'go1.24.7',
        Os: 'linux',
        Arch: 'amd64',
        Components: [{ Name: 'buildctl', Version: '' }],
      },
      Server: {
        Components: [
          { Name: 'containerd', Version: containerd },
          { Name: 'runc', Version: '1.1.12' },
        ],
      },
    };
    const warning = logLine(host.now(), 'unable to determine buildctl version', 'warning')
      .replace('level=warning msg', 'level=warning msg')
      .replace('\n', ` error=${JSON.stringify('exec: "buildctl": executable file not found in $PATH')}\n`);
    const format = options.value('f', 'format');
    const text = format
      ? templated(format, document)
      : unlines([
          'Client:',
          ` Version:\t${VERSION}`,
          ' OS/Arch:\tlinux/amd64',
          ` Git commit:\t${COMMIT}`,
          ' buildctl:',
          '  Version:\t',
          '',
          'Server:',
          ' containerd:',
          `  Version:\t${containerd}`,
          ' runc:',
          '  Version:\t1.1.12',
        ]);
    return ok(text, warning);
  },
};

export const info: Verb = {
  summary: 'Display system-wide information',
  short: 'f:',
  long: ['format:', 'mode:'],
  run({ host, options, namespace }) {
    const { osImage, kernelVersion, name, capacity, machineID } = host.record();
    const facts = {
      ID: machineID.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      Driver: 'overlayfs',
      Plugins: { Log: ['fluentd', 'journald', 'json-file', 'none', 'syslog'], Storage: ['native', 'overlayfs'] },
      LoggingDriver: 'json-file',
      CgroupDriver: 'systemd',
      CgroupVersion: '2',
      KernelVersion: kernelVersion,
      OperatingSystem: osImage,
      OSType: 'linux',
      Architecture: 'x86_64',
      NCPU: Number(capacity.cpu ?? 0),
      MemTotal: Quantity.parse(capacity.memory ?? '0').value(),
      Name: name,
      ServerVersion: `v${containerdVersion(host)}`,
      SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    };
    const format = options.value('f', 'format');
    if (format) return ok(templated(format, facts));
    return ok(
      unlines([
        'Client:',
        ` Namespace:\t${namespace}`,
        ' Debug Mode:\tfalse',
        '',
        'Server:',
        ` Server Version: ${facts.ServerVersion}`,
        ` Storage Driver: ${facts.Driver}`,
        ` Logging Driver: ${facts.LoggingDriver}`,
        ` Cgroup Driver: ${facts.CgroupDriver}`,
        ` Cgroup Version: ${facts.CgroupVersion}`,
        ' Plugins:',
        `  Log:     ${facts.Plugins.Log.join(' ')}`,
        `  Storage: ${facts.Plugins.Storage.join(' ')}`,
        ' Security Options:',
        '  apparmor',
        '  seccomp',
        '   Profile: builtin',
        '  cgroupns',
        ` Kernel Version:   ${facts.KernelVersion}`,
        ` Operating System: ${facts.OperatingSystem}`,
        ' OSType:           linux',
        ' Architecture:     x86_64',
        ` CPUs:             ${facts.NCPU}`,
        ` Total Memory:     ${bytesSize(facts.MemTotal)}`,
        ` Name:             ${name}`,
        ` ID:               ${facts.ID}`,
        '',
      ]),
    );
  },
};

export const namespaces: Verb = {
  summary: 'List containerd namespaces',
  short: 'qf:',
  long: ['quiet', 'format:'],
  run(call: Call) {
    const { host, options } = call;
    const format = options.value('f') ?? formatOf(call);
    if (options.has('q', 'quiet')) return ok(`${KUBERNETES}\n`);
    const images = imagesOf(host).reduce((sum, image) => sum + image.repoTags.length + image.repoDigests.length + 1, 0);
    const row = { Name: KUBERNETES, Containers: dockerContainers(host).length, Images: images, Volumes: 0, Labels: '' };
    const head = { Name: 'NAME', Containers: 'CONTAINERS', Images: 'IMAGES', Volumes: 'VOLUMES', Labels: 'LABELS' };
    const text = shown(format === 'wide' ? undefined : format, head, [row], TABS);
    return ok(format ? text : text.replace(/ +$/gm, '    '));
  },
};
