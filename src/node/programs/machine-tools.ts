import { Quantity } from '../../base/quantity.ts';
import { type CommandContext, FsError } from '../../sh/process.ts';
import { fail, ok, unlines } from '../../sh/tools/tool.ts';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { commOf, type ProcessRow, processesOf } from '../processes/table.ts';
import { recordsOn } from '../records.ts';
import { timestamp } from '../systemd/format.ts';
import { readUnit, unitsOf } from '../systemd/units.ts';
import type { Program } from './index.ts';

const operands = ({ argv }: CommandContext): string[] => argv.slice(1).filter((word) => !word.startsWith('-'));

/** vmstat [DELAY [COUNT]] */
const vmstat: Program = (host, context) => {
  const [, count = '1'] = operands(context);
  const total = Math.floor(Quantity.parse(host.record().capacity.memory ?? '0').toNumber() / 1024);
  const kib = (part: number, width: number) => String(Math.floor(total * part)).padStart(width);
  const row = ` 1  0      0 ${kib(0.31, 6)} ${kib(0.01, 6)} ${kib(0.36, 6)}    0    0    12    38  412  806  2  2 95  0  0  0`;
  return ok(
    unlines([
      'procs -----------memory---------- ---swap-- -----io---- -system-- -------cpu-------',
      ' r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st gu',
      ...Array.from({ length: Math.min(100, Math.max(1, Number(count) || 1)) }, () => row),
    ]),
  );
};

const blkid: Program = (host) =>
  ok(
    unlines([
      `/dev/sda1: LABEL="cloudimg-rootfs" UUID="${host.record().systemUUID}" BLOCK_SIZE="4096" TYPE="ext4" PARTUUID="3f1b2c9a-01"`,
      '/dev/sda15: LABEL_FATBOOT="UEFI" LABEL="UEFI" UUID="A62D-E731" BLOCK_SIZE="512" TYPE="vfat" PARTUUID="3f1b2c9a-0f"',
    ]),
  );

const lastlog: Program = (host, { user }) =>
  ok(
    unlines([
      'Username         Port     From                                       Latest',
      `${user.padEnd(16)} pts/0    192.168.50.1                               ${timestamp(host.now() - 60_000)}`,
    ]),
  );

const loginctl: Program = (_host, { user }) =>
  ok(
    unlines([
      'SESSION UID USER SEAT TTY   STATE  IDLE SINCE',
      `      3   0 ${user.padEnd(4)} -    pts/0 active no   -`,
      '',
      '1 sessions listed.',
    ]),
  );

const systemdAnalyze: Program = (host, context) => {
  const [verb] = operands(context);
  if (verb === 'blame')
    return ok(unlines(unitsOf(host).map((unit, i) => `${String(820 - i * 37).padStart(4)}ms ${unit}.service`)));
  return ok(
    'Startup finished in 3.412s (kernel) + 11.208s (userspace) = 14.620s \ngraphical.target reached after 11.120s in userspace.\n',
  );
};

/** systemd-cgls: the services of a machine with their processes. */
const systemdCgls: Program = (host) => {
  const services = unitsOf(host).filter((unit) => readUnit(host, unit).active === 'active');
  const rows = services.flatMap((unit, i) => {
    const last = i === services.length - 1;
    const { pid } = readUnit(host, unit);
    const command = processesOf(host).find((row) => row.pid === pid)?.command ?? unit;
    return [`  ${last ? '└─' : '├─'}${unit}.service …`, `  ${last ? '  ' : '│ '}└─${pid} ${command}`];
  });
  return ok(unlines(['CGroup /:', '-.slice', '├─init.scope', '│ └─1 /sbin/init', '└─system.slice', ...rows]));
};

/** pstree [-p]: who started whom. */
const pstree: Program = (host, { argv }) => {
  const withPids = argv.some((word) => /^-[a-z]*p/.test(word));
  const rows = processesOf(host).filter(({ command, pid }) => pid === 1 || !command.startsWith('['));
  const named = (row: ProcessRow) => `${commOf(row)}${withPids ? `(${row.pid})` : ''}`;
  const draw = (row: ProcessRow, pad: string): string[] => {
    const children = rows.filter(({ ppid }) => ppid === row.pid);
    if (children.length === 0) return [named(row)];
    const own = named(row);
    const below = pad + ' '.repeat(own.length);
    return children.flatMap((child, i) => {
      const only = children.length === 1;
      const last = i === children.length - 1;
      const joint = only ? '───' : i === 0 ? '─┬─' : last ? ' └─' : ' ├─';
      const inner = draw(child, `${below}${last ? '   ' : ' │ '}`);
      const [first = '', ...rest] = inner;
      return [`${i === 0 ? own : below}${joint}${first}`, ...rest];
    });
  };
  const root = rows.find(({ pid }) => pid === 1);
  return ok(root ? unlines(draw(root, '')) : '');
};

const lsns: Program = (host) => {
  const rows = processesOf(host).filter(({ of }) => of && 'container' in of);
  return ok(
    unlines([
      '        NS TYPE   NPROCS   PID USER             COMMAND',
      `4026531836 pid        90     1 root             /sbin/init`,
      ...rows.map(
        ({ pid, user, command }) =>
          `${4_026_531_836 + 4 * pid} pid         1 ${String(pid).padStart(5)} ${user.padEnd(16)} ${command}`,
      ),
    ]),
  );
};

const modinfo: Program = (host, context) => {
  const [name = ''] = operands(context);
  const { kernelVersion } = host.record();
  if (!/^(br_netfilter|overlay|ip_vs\w*|nf_conntrack|vxlan)$/.test(name))
    return fail(`modinfo: ERROR: Module ${name} not found.\n`);
  return ok(
    unlines([
      `filename:       /lib/modules/${kernelVersion}/kernel/net/${name}.ko.zst`,
      'license:        GPL',
      `name:           ${name}`,
      'intree:         Y',
      `vermagic:       ${kernelVersion} SMP preempt mod_unload modversions `,
    ]),
  );
};

/** containerd itself: its version and its configuration. */
const containerd: Program = (host, context) => {
  const { argv } = context;
  const [, version = ''] = host.record().containerRuntimeVersion.split('://');
  if (argv.includes('--version') || argv.includes('-v'))
    return ok(`containerd containerd.io ${version} 05044ec0a9a75232cad458027ca83437aae3f4da\n`);
  const [verb, what] = operands(context);
  if (verb === 'config' && what !== undefined) return ok(host.files.read('/etc/containerd/config.toml'));
  return fail('containerd: listen unix /run/containerd/containerd.sock: bind: address already in use\n');
};

/** runc: the containers of containerd's namespace. */
const runc: Program = (host, context) => {
  const { argv } = context;
  if (argv.includes('--version') || argv.includes('-v'))
    return ok('runc version 1.2.5\ncommit: v1.2.5-0-g59923ef\nspec: 1.2.0\ngo: go1.23.7\nlibseccomp: 2.5.5\n');
  if (!operands(context).includes('list')) return fail('NAME:\n   runc - Open Container Initiative runtime\n');
  const shown = argv.some((word) => word.includes('/run/containerd/runc'))
    ? recordsOn<ContainerRecord>(host.state, RUNTIME_SECTIONS.containers, host.name)
    : [];
  const rows = shown
    .filter(({ state }) => state === 'running')
    .map(
      ({ id, pid, createdAt }) =>
        `${id}   ${String(pid).padEnd(11)} running     /run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}   ${new Date(Math.floor(createdAt)).toISOString()}   root`,
    );
  const width = rows.length > 0 ? 64 : 2;
  return ok(unlines([`${'ID'.padEnd(width)}   PID         STATUS      BUNDLE      CREATED     OWNER`, ...rows]));
};

const rowsOf = (host: NodeHost, path: string): string[] =>
  host.files.stat(path) ? host.files.read(path).split('\n').filter(Boolean) : [];

/** useradd, adduser: an account more in /etc/passwd. */
const useradd: Program = (host, context) => {
  const name = operands(context).at(-1);
  if (context.user !== 'root')
    return fail(
      `${context.argv[0]}: Permission denied.\n${context.argv[0]}: cannot lock /etc/passwd; try again later.\n`,
    );
  if (name === undefined) return fail(`Usage: ${context.argv[0]} [options] LOGIN\n`, 2);
  const rows = rowsOf(host, '/etc/passwd');
  if (rows.some((row) => row.startsWith(`${name}:`))) return fail(`useradd: user '${name}' already exists\n`, 9);
  const ids = rows.map((row) => Number(row.split(':')[2])).filter((id) => id >= 1000 && id < 60_000);
  const id = Math.max(999, ...ids) + 1;
  host.files.write('/etc/passwd', `${name}:x:${id}:${id}::/home/${name}:/bin/bash\n`, { append: true });
  host.files.write('/etc/group', `${name}:x:${id}:\n`, { append: true });
  const home = `/home/${name}`;
  if ((context.argv.includes('-m') || context.argv[0] === 'adduser') && !host.files.stat(home))
    host.files.makeDir(home, { uid: id, gid: id });
  return ok();
};

const userdel: Program = (host, context) => {
  const name = operands(context).at(-1) ?? '';
  const rows = rowsOf(host, '/etc/passwd');
  if (!rows.some((row) => row.startsWith(`${name}:`))) return fail(`userdel: user '${name}' does not exist\n`, 6);
  for (const path of ['/etc/passwd', '/etc/group'])
    host.files.write(path, unlines(rowsOf(host, path).filter((row) => !row.startsWith(`${name}:`))));
  return ok();
};

const groupadd: Program = (host, context) => {
  const name = operands(context).at(-1) ?? '';
  const rows = rowsOf(host, '/etc/group');
  if (rows.some((row) => row.startsWith(`${name}:`))) return fail(`groupadd: group '${name}' already exists\n`, 9);
  host.files.write('/etc/group', `${name}:x:${1001 + rows.length}:\n`, { append: true });
  return ok();
};

/** usermod -aG GROUP USER */
const usermod: Program = (host, context) => {
  const [groups = '', name = ''] = operands(context);
  const rows = rowsOf(host, '/etc/group');
  for (const group of groups.split(','))
    if (!rows.some((row) => row.startsWith(`${group}:`))) return fail(`usermod: group '${group}' does not exist\n`, 6);
  const joined = rows.map((row) => {
    const [group = '', , , members = ''] = row.split(':');
    if (!groups.split(',').includes(group) || members.split(',').includes(name)) return row;
    return `${row}${members ? ',' : ''}${name}`;
  });
  host.files.write('/etc/group', unlines(joined));
  return ok();
};

const CRONTABS = '/var/spool/cron/crontabs';

/** crontab -l, and from a file or its input; nothing runs by it. */
const crontab: Program = (host, context) => {
  const path = `${CRONTABS}/${context.user}`;
  const words = context.argv.slice(1);
  try {
    if (words.includes('-l')) return ok(host.files.read(path));
    if (words.includes('-r')) {
      host.files.remove(path);
      return ok();
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return fail(`no crontab for ${context.user}\n`);
  }
  const [file] = operands(context);
  if (words.includes('-e')) return fail('kubemu has no editor on its machines: crontab FILE installs one\n');
  const text = file === undefined ? context.stdin : host.files.read(file);
  let folder = '';
  for (const part of CRONTABS.split('/').slice(1)) {
    folder += `/${part}`;
    if (!host.files.stat(folder)) host.files.makeDir(folder);
  }
  host.files.write(path, text, { mode: 0o600 });
  return ok();
};

/** What tells of the machine, its accounts and its runtime, one small program each. */
export const MACHINE_TOOLS: Record<string, Program> = {
  adduser: useradd,
  blkid,
  containerd,
  crontab,
  groupadd,
  lastlog,
  loginctl,
  lsns,
  modinfo,
  passwd: (_host, { user }) =>
    fail(
      `Changing password for ${user}.\npasswd: Authentication token manipulation error\npasswd: password unchanged\n`,
      10,
    ),
  pstree,
  runc,
  'systemd-analyze': systemdAnalyze,
  'systemd-cgls': systemdCgls,
  useradd,
  userdel,
  usermod,
  vmstat,
};
