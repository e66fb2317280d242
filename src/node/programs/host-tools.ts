import { Quantity } from '../../base/quantity.ts';
import type { CommandContext } from '../../sh/process.ts';
import { fail, ok, unlines } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { kernelLines } from '../kernel.ts';
import { KNOWN_MODULES, LOADED_MODULES, modulesOf } from '../modules.ts';
import { mountsOf } from '../mounts.ts';
import { timestamp, two } from '../systemd/format.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { readUnit, unitsOf } from '../systemd/units.ts';
import type { Program } from './index.ts';
import { sysctl } from './sysctl.ts';

const hostnamectl: Program = (host, { argv }) => {
  const [verb] = argv.slice(1).filter((word) => !word.startsWith('-'));
  if (verb === 'hostname') return ok(`${host.name}\n`);
  if (verb !== undefined && verb !== 'status')
    return fail(`kubemu does not rename its machines: the cluster knows this one as ${host.name}\n`);
  const { machineID, bootID, osImage, kernelVersion } = host.record();
  const rows: [string, string][] = [
    ['Static hostname', host.name],
    ['Icon name', 'computer-vm'],
    ['Chassis', 'vm 🖴'],
    ['Machine ID', machineID],
    ['Boot ID', bootID.replaceAll('-', '')],
    ['Virtualization', 'kvm'],
    ['Operating System', osImage],
    ['Kernel', `Linux ${kernelVersion}`],
    ['Architecture', 'x86-64'],
    ['Hardware Vendor', 'QEMU'],
    ['Hardware Model', 'Standard PC _i440FX + PIIX, 1996_'],
  ];
  return ok(unlines(rows.map(([key, value]) => `${key.padStart(16)}: ${value}`)));
};

const timedatectl: Program = (host) => {
  const now = timestamp(host.now());
  return ok(
    unlines([
      `               Local time: ${now}`,
      `           Universal time: ${now}`,
      `                 RTC time: ${now.replace(/ UTC$/, '')}`,
      '                Time zone: Etc/UTC (UTC, +0000)',
      'System clock synchronized: yes',
      `              NTP service: ${readUnit(host, 'systemd-timesyncd').active}`,
      '          RTC in local TZ: no',
    ]),
  );
};

/** `service UNIT VERB`, the older way. */
const service: Program = (host, context) => {
  const [name, verb] = context.argv.slice(1);
  if (name === '--status-all')
    return ok(
      unlines(unitsOf(host).map((unit) => ` [ ${readUnit(host, unit).active === 'active' ? '+' : '-'} ]  ${unit}`)),
    );
  if (!name || !verb)
    return fail('Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n');
  if (!unitsOf(host).includes(name)) return fail(`${name}: unrecognized service\n`);
  // Reading all of its context would wait for its input.
  const called = Object.create(context, { argv: { value: ['systemctl', verb, name] } }) as CommandContext;
  return systemctl(host, called);
};

const clock = (ms: number): string => `${two(new Date(ms).getUTCHours())}:${two(new Date(ms).getUTCMinutes())}`;
const LOGIN_AGO = 60_000;

const who: Program = (host, { user, argv }) => {
  const at = host.now() - LOGIN_AGO;
  if (argv.includes('-b'))
    return ok(
      `         system boot  ${new Date(host.record().bootedAt).toISOString().slice(0, 10)} ${clock(host.record().bootedAt)}\n`,
    );
  return ok(`${user.padEnd(8)} pts/0        ${new Date(at).toISOString().slice(0, 10)} ${clock(at)} (192.168.50.1)\n`);
};

/** `8 min`, `2:14`, `3 days,  1:02`: how long a machine is up. */
function upFor(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const rest = hours ? `${String(hours).padStart(2)}:${two(minutes % 60)}` : `${minutes % 60} min`;
  return `${days ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${rest}`;
}

const w: Program = (host, { user }) => {
  const now = host.now();
  const seconds = `${clock(now)}:${two(new Date(now).getUTCSeconds())}`;
  return ok(
    unlines([
      ` ${seconds} up ${upFor(now - host.record().bootedAt).padStart(5)},  1 user,  load average: 0.21, 0.18, 0.12`,
      'USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT',
      `${user.padEnd(8)} pts/0    192.168.50.1     ${clock(now - LOGIN_AGO)}    0.00s  0.02s  0.00s w`,
    ]),
  );
};

const last: Program = (host, { user }) => {
  const { bootedAt, kernelVersion } = host.record();
  const day = (ms: number) => {
    const [name = '', date = '', month = ''] = new Date(ms).toUTCString().split(' ');
    return `${name.replace(',', '')} ${month} ${date.replace(/^0/, ' ')} ${clock(ms)}`;
  };
  return ok(
    unlines([
      `${user.padEnd(8)} pts/0        192.168.50.1     ${day(host.now() - LOGIN_AGO)}   still logged in`,
      `reboot   system boot  ${kernelVersion.slice(0, 16).padEnd(16)} ${day(bootedAt)}   still running`,
      '',
      `wtmp begins ${day(bootedAt)}:00 ${new Date(bootedAt).getUTCFullYear()}`,
    ]),
  );
};

const gib = (host: NodeHost): number =>
  Quantity.parse(host.record().capacity['ephemeral-storage'] ?? '40Gi').toNumber() / 1024 ** 3;

const lsblk: Program = (host, { argv }) => {
  const size = `${Math.round(gib(host) + 1)}G`;
  const rows = [
    ['sda', '8:0', '0', size, '0', 'disk', ''],
    ['├─sda1', '8:1', '0', `${Math.round(gib(host))}G`, '0', 'part', '/'],
    ['├─sda14', '8:14', '0', '4M', '0', 'part', ''],
    ['└─sda15', '8:15', '0', '106M', '0', 'part', '/boot/efi'],
  ];
  if (argv.includes('-f'))
    return ok(
      unlines([
        'NAME    FSTYPE FSVER LABEL           UUID                                 FSAVAIL FSUSE% MOUNTPOINTS',
        'sda',
        `├─sda1  ext4   1.0   cloudimg-rootfs ${host.record().systemUUID}   29.6G    21% /`,
        '├─sda14',
        '└─sda15 vfat   FAT32 UEFI            A62D-E731                              98.1M     6% /boot/efi',
      ]),
    );
  return ok(
    unlines([
      'NAME    MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS',
      ...rows.map(
        ([name, number, removable, bytes, readOnly, type, at]) =>
          `${name!.padEnd(7)} ${number!.padStart(5).padEnd(7)} ${removable!.padStart(2)} ${bytes!.padStart(4)} ${readOnly!.padStart(2)} ${type} ${at}`,
      ),
    ]),
  );
};

const mount: Program = (host, { argv }) => {
  if (argv.slice(1).some((word) => !word.startsWith('-') && argv[argv.indexOf(word) - 1] !== '-t'))
    return fail(`mount: kubemu mounts nothing on its machines\n`, 32);
  const type = argv.includes('-t') ? argv[argv.indexOf('-t') + 1] : undefined;
  const all = mountsOf(host).filter(([, , kind]) => type === undefined || kind === type);
  return ok(unlines(all.map(([device, at, kind, options]) => `${device} on ${at} type ${kind} (${options})`)));
};

const findmnt: Program = (host, { argv }) => {
  const [at] = argv.slice(1).filter((word) => !word.startsWith('-'));
  const all = mountsOf(host).filter(([, path]) => at === undefined || path === at);
  if (all.length === 0) return fail('');
  const width = Math.max(6, ...all.map(([, path]) => path.length));
  const source = Math.max(6, ...all.map(([device]) => device.length));
  const kind = Math.max(6, ...all.map(([, , type]) => type.length));
  const row = (cells: readonly string[]) =>
    `${cells[0]!.padEnd(width)} ${cells[1]!.padEnd(source)} ${cells[2]!.padEnd(kind)} ${cells[3]}`;
  return ok(
    unlines([
      row(['TARGET', 'SOURCE', 'FSTYPE', 'OPTIONS']),
      ...all.map(([device, path, type, options]) => row([path, device, type, options])),
    ]),
  );
};

const dmesg: Program = (host, { argv, user }) => {
  if (user !== 'root') return fail('dmesg: read kernel buffer failed: Operation not permitted\n');
  const human = argv.slice(1).some((word) => /^-[a-zA-Z]*T|^--ctime$/.test(word));
  const at = (seconds: number) =>
    human
      ? timestamp(host.record().bootedAt - 20_000 + seconds * 1000).replace(
          /^(\w+) (\d+)-(\d+)-(\d+) (\S+) UTC$/,
          (_all, day: string, year: string, month: string, date: string, time: string) => {
            const name = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
              Number(month) - 1
            ];
            return `${day} ${name} ${date.replace(/^0/, ' ')} ${time} ${year}`;
          },
        )
      : seconds.toFixed(6).padStart(12);
  return ok(unlines(kernelLines(host).map(([seconds, text]) => `[${at(seconds)}] ${text}`)));
};

const cpus = (host: NodeHost): number => Quantity.parse(host.record().capacity.cpu ?? '1').toNumber();

const lscpu: Program = (host) => {
  const count = cpus(host);
  const rows: [string, string][] = [
    ['Architecture', 'x86_64'],
    ['  CPU op-mode(s)', '32-bit, 64-bit'],
    ['  Address sizes', '46 bits physical, 48 bits virtual'],
    ['  Byte Order', 'Little Endian'],
    ['CPU(s)', String(count)],
    ['  On-line CPU(s) list', count > 1 ? `0-${count - 1}` : '0'],
    ['Vendor ID', 'GenuineIntel'],
    ['  Model name', 'Intel(R) Xeon(R) CPU'],
    ['    Thread(s) per core', '1'],
    ['    Core(s) per socket', String(count)],
    ['    Socket(s)', '1'],
    ['Virtualization features', ''],
    ['  Hypervisor vendor', 'KVM'],
    ['  Virtualization type', 'full'],
  ];
  return ok(unlines(rows.map(([key, value]) => `${`${key}:`.padEnd(27)}${value}`.trimEnd())));
};

const lsmod: Program = (host) =>
  ok(
    unlines([
      'Module                  Size  Used by',
      ...modulesOf(host).map(([name, size, used]) => `${name.padEnd(19)} ${String(size).padStart(8)}  ${used}`),
    ]),
  );

const modprobe: Program = (host, { argv, user }) => {
  const names = argv.slice(1).filter((word) => !word.startsWith('-'));
  const there = modulesOf(host).map(([name]) => name);
  for (const name of names) {
    if (there.includes(name)) continue;
    if (!KNOWN_MODULES.has(name))
      return fail(
        `modprobe: FATAL: Module ${name} not found in directory /lib/modules/${host.record().kernelVersion}\n`,
      );
    if (user !== 'root') return fail(`modprobe: ERROR: could not insert '${name}': Operation not permitted\n`);
    const loaded = host.state.section<string[]>(LOADED_MODULES);
    loaded.set(host.name, [name, ...(loaded.get(host.name) ?? [])]);
  }
  return ok();
};

const lsof: Program = (host, { argv, machine }) => {
  const port = /:(\d+)/.exec(argv.slice(1).join(' '))?.[1];
  const sockets = (machine.sockets?.() ?? []).filter((socket) => port === undefined || socket.port === Number(port));
  if (sockets.length === 0) return fail('');
  void host;
  return ok(
    unlines([
      'COMMAND     PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME',
      ...sockets.map(
        ({ program, pid, protocol, address, port: at }) =>
          `${program.slice(0, 9).padEnd(9)} ${String(pid).padStart(5)} root    6u  IPv${address === '*' ? '6' : '4'}  ${20_000 + at}      0t0  ${protocol.toUpperCase()} ${address === '0.0.0.0' ? '*' : address}:${at} (LISTEN)`,
      ),
    ]),
  );
};

const conntrack: Program = (host, { argv }) => {
  if (!argv.includes('-L')) return ok();
  const ip = host.record().internalIP;
  const api = new URL(host.apiServer().url).hostname;
  const entry = (source: string, from: number, to: string, port: number) =>
    `tcp      6 86397 ESTABLISHED src=${source} dst=${to} sport=${from} dport=${port} src=${to} dst=${source} sport=${port} dport=${from} [ASSURED] mark=0 use=1`;
  const rows = [entry(ip, 41_812, api, 6443), entry(ip, 43_960, api, 6443)];
  return {
    stdout: unlines(rows),
    stderr: `conntrack v1.4.8 (conntrack-tools): ${rows.length} flow entries have been shown.\n`,
    code: 0,
  };
};

/** Programs that Ubuntu tells how to install. */
const notInstalled =
  (name: string, packages: string): Program =>
  () =>
    fail(`Command '${name}' not found, but can be installed with:\napt install ${packages}\n`, 127);

/** Programs about the machine itself. */
export const HOST_PROGRAMS: Record<string, Program> = {
  hostnamectl,
  timedatectl,
  service,
  who,
  w,
  last,
  lsblk,
  mount,
  findmnt,
  dmesg,
  lscpu,
  nproc: (host) => ok(`${cpus(host)}\n`),
  sysctl,
  lsmod,
  modprobe,
  lsof,
  conntrack,
  swapon: () => ok(),
  swapoff: (_host, { user }: CommandContext) => (user === 'root' ? ok() : fail('swapoff: Not superuser.\n', 1)),
  ipvsadm: notInstalled('ipvsadm', 'ipvsadm'),
  ipset: notInstalled('ipset', 'ipset'),
  nft: notInstalled('nft', 'nftables'),
};
