import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a recording; `advance`, `run` and `then` were added to what was recorded. */
export interface Recorded {
  cmd?: string;
  stdout?: string;
  stderr?: string;
  code?: number;
  note?: string;
  /** Time that passed before the command, ms. */
  advance?: number;
  /** What happened on the node that a note tells of, or that was not recorded. */
  run?: string;
  /** Time that passed after that, ms. */
  then?: number;
}

export const recording = (name: string): Recorded[] =>
  readFileSync(join(import.meta.dirname, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

/** What a machine calls its own: [pattern, what stands for it]. */
const OWN: [RegExp, string][] = [
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z|\+00:00)/g, '<time>'],
  [/\b[EIWF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /g, '<klog> '],
  [/[A-Z][a-z]{2} \d\d, \d{4} \d\d:\d\d UTC/g, '<date>'],
  [/(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/g, '<uid>'],
  [/\b(?:sha256:)?[0-9a-f]{64}\b/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{13}\b/g, '<id>'],
  [/\b[0-9a-f]{32}\b/g, '<hash>'],
  [/\bcni-[0-9a-f-]{36}\b|\bveth[0-9a-f]{8}\b/g, '<link>'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
  [/\b[0-9.]+ ?(?:[kKMG]i?B|B)\b/g, '<size>'],
  [
    /((?:"size": "|size: "|Size: |usedBytes": \{\s+"value": "|inodesUsed": \{\s+"value": "|Inodes\[0\]: ))\d+/g,
    '$1<n>',
  ],
  [/\b(About a minute|Less than a second|\d+ (?:second|minute|hour)s?) ago/g, '<age>'],
  [/\b\d+(\.\d+)?(?:ms|s)( ago)?(?=\)|\s|$)/gm, '<age>'],
  [/\b1[0-9]{18}\b/g, '<nanos>'],
  [/"?pid"?: \d+|\/proc\/\d+\//g, '<pid>'],
  [/ \d+ (?=CONTAINER_)/g, ' <pid> '],
  [/\{\s+"key": "KUBERNETES_\w+",\s+"value": "[^"]*"\s+\}/g, '<service>'],
  [/- key: KUBERNETES_\w+\s+value: \S+/g, '<service>'],
  [/KUBERNETES_\w+=[^"\s]*/g, '<service>'],
  [/\b\d\.\d\d +(<size> +<size> +)\d+/g, '<share> $1 <inodes>'],
  [/^( +)name: (vm|k8s-master)$/gm, '$1name: <node>'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, '<date>'],
  [/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<x>'],
  [/(containers\/[a-z]+\/)[0-9a-f]{8}/g, '$1<x>'],
  [/(container\.hash"?(?:: "?| -> ))[0-9a-f]+/g, '$1<x>'],
  [/node-debugger-node-1-[a-z0-9]{5}/g, 'node-debugger-node-1-<x>'],
  [/\b10\.244\.\d+\.\d+\b/g, '<ip>'],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '<token>'],
  [/(certificate-authority-data|client-certificate-data|client-key-data): \S+/g, '$1: <pem>'],
  [/"residualTime": \d+/g, '"residualTime": <n>'],
  [/uid: "?\S+"?|resourceVersion: "\d+"/g, '<object>'],
];

/** Answers of a machine without what differs from machine to machine; columns count, their widths do not. */
export function mask(text: string, cmd = ''): string {
  let masked = text;
  for (const [pattern, name] of OWN) masked = masked.replace(pattern, name);
  masked = masked.replace(/[ \t]+/g, ' ').replace(/ $/gm, '');
  // Which of two containers of one second came first is the machine's business.
  const table = /^(crictl (ps|pods|stats)|ctr .*\bls\b|kubeadm token list)/.test(cmd) && !/-o (json|yaml)/.test(cmd);
  if (/-v$/.test(cmd)) return masked.split('\n\n').sort().join('\n\n');
  // How many containers a machine has had is its own.
  const lines = masked.split('\n').sort();
  return table ? (cmd.startsWith('ctr') ? [...new Set(lines)] : lines).join('\n') : masked;
}

const IS_HELP = /^(Usage|USAGE):/m;

/** A help text without its prose: usage lines, and the names of commands and flags. */
function outline(text: string): string {
  if (!IS_HELP.test(text)) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^(Usage|USAGE|Available Commands|Flags|Global Flags|COMMANDS|OPTIONS|GLOBAL OPTIONS):/.test(line))
        return [line];
      if (/^Incorrect Usage:/.test(line)) return [line];
      const [, left] = /^\s{2,}((?:-|[a-z])\S*(?: \S+)*?)(?:\s{2,}|$)/.exec(line) ?? [];
      return left && /^(-|[a-z][a-z0-9.-]*(, [a-z0-9-]+)*$)/.test(left) ? [left] : [];
    })
    .join('\n');
}

/** What of an answer is compared. */
export const compared = (text: string, cmd?: string): string => mask(outline(text), cmd);

/** Whether an answer is the recorded one. */
export function matches(recorded: Recorded, answer: { stdout: string; stderr: string; code: number }): boolean {
  const same = (a: string, b = '') => compared(a, recorded.cmd) === compared(b, recorded.cmd);
  return answer.code === recorded.code && same(answer.stdout, recorded.stdout) && same(answer.stderr, recorded.stderr);
}
