import { killByPid } from '../commands.ts';
import { SIGNALS, signalName } from '../signals.ts';
import { type Builtin, quoted } from './builtin.ts';

export const wait: Builtin = (evaluation, task, args) => {
  if (task.pending.length > 0) return 128 + SIGNALS[task.pending[0]!]!;
  const wanted = args.filter((arg) => arg !== '-n').map((arg) => Number(arg.replace('%', '')));
  const pids = args.length > 0 && wanted.length > 0 ? wanted : task.children;
  let status = 0;
  for (const pid of [...pids]) {
    if (!task.children.includes(pid)) {
      status = 127;
      continue;
    }
    const child = evaluation.task(pid);
    if (child && !child.exit) return 'blocked';
    if (wanted.length > 0) status = evaluation.reap(task, pid) ?? 127;
    else evaluation.reap(task, pid);
  }
  if (args[0] === '-n' && task.children.length === 0 && pids.length === 0) return 127;
  return wanted.length > 0 ? status : 0;
};

export const kill: Builtin = (evaluation, task, args) => {
  const { flavour } = evaluation.outside;
  if (args[0] === '-l') {
    const names = Object.keys(SIGNALS);
    evaluation.write(
      task,
      1,
      args[1]
        ? `${/^[0-9]+$/.test(args[1]) ? (signalName(Number(args[1]) & 127) ?? args[1]) : (SIGNALS[signalName(args[1]) ?? ''] ?? args[1])}\n`
        : `${names.join(flavour === 'busybox' ? '\n' : ' ')}\n`,
    );
    return 0;
  }
  let signal = 'TERM';
  const rest = [...args];
  if (rest[0]?.startsWith('-') && rest[0] !== '--') {
    const option = rest.shift()!;
    const given = option === '-s' || option === '-n' ? rest.shift()! : option.slice(1);
    const name = signalName(given);
    if (!name) {
      evaluation.complain(
        task,
        {
          busybox: `kill: bad signal name '${given}'`,
          dash: `kill: Illegal option ${option.slice(0, 2)}`,
          bash: `kill: ${given}: invalid signal specification`,
        }[flavour],
      );
      return 1;
    }
    signal = name;
  }
  if (rest[0] === '--') rest.shift();
  if (rest.length === 0) {
    evaluation.complain(
      task,
      flavour === 'busybox'
        ? 'kill: you need to specify whom to kill'
        : 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
    );
    return 1;
  }
  let status = 0;
  for (const word of rest) {
    const job = /^%([0-9]+)$/.exec(word);
    const pid = job ? task.children[Number(job[1]) - 1] : Number(word);
    if (pid === undefined || Number.isNaN(pid)) {
      evaluation.complain(
        task,
        {
          busybox: `kill: invalid number '${word}'`,
          dash: `kill: Illegal number: ${word}`,
          bash: `kill: ${word}: arguments must be process or job IDs`,
        }[flavour],
      );
      status = 1;
    } else if (!killByPid(evaluation, pid, signal)) {
      evaluation.complain(
        task,
        {
          busybox: `kill: can't kill pid ${pid}: No such process`,
          dash: `kill: No such process`,
          bash: `kill: (${pid}) - No such process`,
        }[flavour],
      );
      status = 1;
    }
  }
  return task.exit ? 'taken' : status;
};

/** What bash traps besides signals. */
const PSEUDO_SIGNALS = ['ERR', 'DEBUG', 'RETURN'];

export const trap: Builtin = (evaluation, task, args, frame) => {
  const bash = evaluation.outside.flavour === 'bash';
  if (bash && args[0] === '-l') return kill(evaluation, task, ['-l'], frame);
  const asked = bash && args[0] === '-p' ? args.slice(1).map((name) => signalName(name) ?? name) : undefined;
  const rest = asked ? [] : args[0] === '--' ? args.slice(1) : args;
  if (rest.length === 0) {
    const shown = (name: string) => (bash && name in SIGNALS && name !== 'EXIT' ? `SIG${name}` : name);
    evaluation.write(
      task,
      1,
      Object.entries(task.traps)
        .filter(([name]) => !asked?.length || asked.includes(name))
        .map(([name, action]) => `trap -- ${quoted(action)} ${shown(name)}\n`)
        .join(''),
    );
    return 0;
  }
  const only = rest.length === 1 || /^[0-9]+$/.test(rest[0]!);
  const [action, names] = only ? ['-', rest] : [rest[0]!, rest.slice(1)];
  for (const word of names) {
    const name = bash && PSEUDO_SIGNALS.includes(word) ? word : signalName(word);
    if (!name) {
      evaluation.complain(
        task,
        {
          busybox: `trap: ${word}: invalid signal specification`,
          dash: `trap: ${word}: bad trap`,
          bash: `trap: ${word}: invalid signal specification`,
        }[evaluation.outside.flavour],
      );
      return 1;
    }
    if (action === '-') delete task.traps[name];
    else task.traps[name] = action;
  }
  return 0;
};
