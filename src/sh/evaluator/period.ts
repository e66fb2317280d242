import { createHash } from 'node:crypto';
import type { Node, Word } from '../syntax/ast.ts';
import { scriptOf } from './evaluation.ts';
import type { Group, Period, Task } from './state.ts';

/** How many repetitions are still worked out one by one when a process is resumed after a long time: of those that cost little, and of others. */
export const KEPT_REPETITIONS = 1000;
const KEPT_COSTLY = 100;
/** So many repetitions of what looks at files or at the network are waited for, for what it looks at may be about to come. */
const ATTENTIVE = 300;
/** Steps in which what is busy for ever comes back to where it was. */
const LAP = 2000;

const PIDS = new Set(['pid', 'ppid', 'shell', 'background', 'pids', 'children']);
const TIMES = new Set(['wake', 'deadline']);
const INTEGER = /^-?[0-9]{1,15}$/;

/** A fingerprint of what a group will do: times count from now, pids by place, integer variables not at all. */
function fingerprint(group: Group): { hash: string; counters: Record<string, number> } {
  const counters: Record<string, number> = {};
  const place = (pid: number) => group.tasks.findIndex((task) => task.pid === pid);
  const writable = new Set(Object.values(group.files).filter(({ write }) => write));
  group.tasks.forEach((task, index) => {
    for (const [name, { value }] of Object.entries(task.variables))
      if (INTEGER.test(value)) counters[`${index}/${name}`] = Number(value);
  });
  const text = JSON.stringify(
    [group.tasks, group.pipes, group.files, group.input],
    function replace(this: unknown, key: string, value: unknown) {
      if (PIDS.has(key)) return Array.isArray(value) ? (value as number[]).map(place) : place(value as number);
      if (TIMES.has(key)) return (value as number) - group.now;
      if (key === 'started') return undefined;
      if (key === 'position' && writable.has(this as Group['files'][number])) return undefined;
      if (key === 'value' && typeof value === 'string' && INTEGER.test(value)) return '#';
      return value;
    },
  );
  return { hash: createHash('sha1').update(text).digest('base64').slice(0, 16), counters };
}

function growth(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const grown: Record<string, number> = {};
  for (const [name, value] of Object.entries(after))
    if (value !== before[name]) grown[name] = value - (before[name] ?? 0);
  return grown;
}

/** Compares a state in which all is asleep with one seen before; sets `group.period` when the same comes round again. */
export function watchForPeriod(group: Group): void {
  if (group.period) return;
  const snapshot = group.snapshot;
  if (!snapshot) {
    // Most programs sleep once and go on: only the second time is worth a look.
    group.snapshot = { hash: '', counters: {}, at: group.now, left: 1, power: 1 };
    return;
  }
  const { hash, counters } = fingerprint(group);
  if (snapshot.hash === hash && group.now > snapshot.at) {
    const found: Period = { ms: group.now - snapshot.at, counters: growth(snapshot.counters, counters) };
    const counts = Object.keys(found.counters);
    const again = snapshot.seen && JSON.stringify(snapshot.seen) === JSON.stringify(found);
    if (counts.length === 0 || (again && areCounters(group, counts))) {
      const { requests } = group.touched;
      group.period = { ...found, since: group.now, ...(requests && { requests }) };
      delete group.snapshot;
      return;
    }
    group.snapshot = { ...snapshot, counters, at: group.now, seen: found };
    group.touched = {};
    return;
  }
  if (--snapshot.left > 0) return;
  const power = snapshot.power * 2;
  group.snapshot = { hash, counters, at: group.now, left: power, power };
  group.touched = {};
}

/** Whether nobody needs to wake a group: see StepResult.steady. */
export function isSteady({ period, touched, now }: Group): boolean {
  if (!period) return false;
  return !(touched.files || touched.network) || (now - (period.since ?? now)) / period.ms >= ATTENTIVE;
}

/** Whether a group that takes steps without end, `step` by step, comes back to where it was: it does so for ever then. */
export function watchForLap(group: Group, ms: number, step: () => void): void {
  if (group.period) return;
  const { hash, counters } = fingerprint(group);
  group.touched = {};
  for (let steps = 0; steps < LAP; steps++) {
    step();
    const now = fingerprint(group);
    if (now.hash !== hash) continue;
    const counts = Object.keys(growth(counters, now.counters));
    if (areCounters(group, counts)) group.period = { ms, counters: {}, since: group.now, spins: true };
    return;
  }
}

/** Leaves out whole repetitions between now and `until` but for the last ones; all of them if what they look at has `changed`. */
export function skipRepetitions(group: Group, until: number, changed = false): void {
  const { period } = group;
  if (!period || (group.touched.network && !isSteady(group))) return;
  const kept = changed || period.spins ? 0 : group.touched.network ? KEPT_COSTLY : KEPT_REPETITIONS;
  const count = Math.floor((until - group.now) / period.ms) - kept;
  if (count <= 0) return;
  const shift = count * period.ms;
  group.now += shift;
  group.tasks.forEach((task, index) => {
    task.started += index === 0 ? 0 : shift;
    shiftTimes(task, shift);
    for (const [name, by] of Object.entries(period.counters)) {
      const [at, variable] = [Number(name.slice(0, name.indexOf('/'))), name.slice(name.indexOf('/') + 1)];
      const old = task.variables[variable];
      if (at === index && old) task.variables[variable] = { ...old, value: String(Number(old.value) + count * by) };
    }
  });
}

function shiftTimes(task: Task, by: number): void {
  for (const frame of task.frames) {
    if (frame.kind === 'tool' && frame.wake !== undefined) frame.wake += by;
    if (frame.kind !== 'program') continue;
    for (const key of ['wake', 'deadline', 'started'] as const)
      if (frame.memory[key] !== undefined) frame.memory[key] += by;
  }
}

const areCounters = (group: Group, names: string[]): boolean =>
  names.every((name) => isCounter(group, name.slice(name.indexOf('/') + 1)));

/** Whether a variable only counts and is printed, so that its value decides nothing. */
function isCounter(group: Group, name: string): boolean {
  // An array's element is set and read by the array's name.
  if (name.includes('[')) return false;
  return group.sources.every((source) => {
    const { nodes } = scriptOf(source);
    return nodes.every((node) => !decides(node, name, nodes));
  });
}

function decides(node: Node, name: string, nodes: Node[]): boolean {
  const uses = (word: Word): boolean => word.some((part) => usesIn(part, name));
  switch (node.kind) {
    case 'simple': {
      const own = node.assignments.filter((assignment) => assignment.name === name);
      if (own.some(({ value }) => !isStep(value, name, nodes))) return true;
      if (node.assignments.some((assignment) => assignment.name !== name && uses(assignment.value))) return true;
      if (node.redirections.some(({ target }) => uses(target))) return true;
      const [first] = node.words;
      const command = first?.length === 1 && first[0]!.kind === 'text' ? first[0]!.text : '';
      if (command === 'echo' || command === 'printf') return false;
      if (command === 'let' || command === 'read' || command === 'eval')
        return node.words.some(
          (word) => word.some((part) => part.kind === 'text' && part.text.includes(name)) || uses(word),
        );
      return node.words.some(uses) && !isExprOf(node, name);
    }
    case 'for':
      return node.name === name || (node.words ?? []).some(uses);
    case 'for-arithmetic':
      return [node.init, node.condition, node.update].some(uses);
    case 'case':
      return uses(node.word) || node.items.some(({ patterns }) => patterns.some(uses));
    case 'condition':
      return node.words.some((item) => 'word' in item && uses(item.word));
    case 'arithmetic': {
      const text = plainText(node.expression);
      return (
        usesIn({ kind: 'arithmetic', expression: node.expression, quoted: false }, name) &&
        !new RegExp(`^\\s*(${name}\\s*(\\+\\+|--|[-+]=\\s*[0-9]+)|(\\+\\+|--)${name})\\s*$`).test(text)
      );
    }
    default:
      return false;
  }
}

const plainText = (word: Word): string =>
  word.map((part) => (part.kind === 'text' ? part.text : part.kind === 'parameter' ? part.name : '?')).join('');

function usesIn(part: Word[number], name: string): boolean {
  if (part.kind === 'parameter')
    return (
      part.name === name ||
      (part.operation !== undefined &&
        [part.operation.word, part.operation.second ?? []].some((word) => word.some((inner) => usesIn(inner, name))))
    );
  if (part.kind === 'arithmetic')
    return part.expression.some(
      (inner) => usesIn(inner, name) || (inner.kind === 'text' && new RegExp(`\\b${name}\\b`).test(inner.text)),
    );
  return false;
}

/** `expr $NAME + 1` */
function isExprOf(node: Node & { kind: 'simple' }, name: string): boolean {
  return (
    /^expr [A-Za-z_]\w* [-+] [0-9]+$/.test(node.words.map(plainText).join(' ')) && plainText(node.words[1]!) === name
  );
}

/** Whether an assigned value is a number, or the variable itself a number more or less. */
function isStep(value: Word, name: string, nodes: Node[]): boolean {
  const [part] = value;
  if (value.length === 1 && part!.kind === 'text') return INTEGER.test(part!.text);
  if (value.length !== 1) return false;
  if (part!.kind === 'arithmetic')
    return new RegExp(`^\\s*(${name}\\s*[-+]\\s*[0-9]+|[0-9]+\\s*\\+\\s*${name})\\s*$`).test(
      plainText(part!.expression),
    );
  if (part!.kind !== 'substitution') return false;
  const list = nodes[part!.body] as Node & { kind: 'list' };
  const inner = list.items.length === 1 ? nodes[list.items[0]!.command] : undefined;
  return inner?.kind === 'simple' && isExprOf(inner, name);
}
