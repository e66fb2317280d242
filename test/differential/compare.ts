import type { Outcome } from '../tools/built.ts';
import { hideLogs } from './logs.ts';

/** What no two clusters and no two processes share: ids, where the server listens, how a log line begins, the client's own time (see `Both`). */
const hide = (text: string): string =>
  text
    .replace(/\S*kubemu-home-[A-Za-z0-9]+(\/state\.(serve\.)?kubeconfig)?/g, 'HOME')
    .replace(/https?:\/\/(127\.0\.0\.1:\d+|192\.168\.50\.10:6443)/g, 'SERVER')
    .replace(/127\.0\.0\.1:\d+|192\.168\.50\.10:6443/g, 'SERVER')
    .replace(/^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, 'KLOG ')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/(resourceVersion\\*"?:? ?\\*"?)\d+/g, '$1RV')
    .replace(/\b(agent|kube-api-access|web-[0-9a-f]{8,10}|once)-[a-z0-9]{5}\b/g, '$1-SUFFIX')
    .replace(/\b0xc[0-9a-f]{9}\b/g, 'POINTER')
    .replace(/\b[123]\dm\b/g, 'AGE')
    .replace(/^(NAMESPACE +)?LAST SEEN +TYPE[\s\S]*/gm, (events) =>
      events.replace(/\b\d+[smh](\d+[smh])?\b|AGE/g, 'AGE').replace(/ {2,}/g, ' '),
    )
    .replace(/^Events:\n[\s\S]*/gm, (events) =>
      events.replace(/\b\d+[smh](\d+[smh])?\b/g, 'AGE').replace(/ {2,}|-{2,}/g, ' '),
    )
    .replace(/\bkubectl\/v1\.33\.\d+(-[\w.-]+)?/g, 'kubectl/VERSION')
    .replace(/(kubectl-edit-)\d+/g, '$1N')
    .replace(/\/tmp\/kubectl_replace_\d+/g, '/tmp/kubectl_replace')
    .replace(/--- \/tmp\/LIVE-\d+.*|\+\+\+ \/tmp\/MERGED-\d+.*/g, 'DIFF')
    // What tar says while the real kubectl stops listening comes through or not.
    .replace(/^tar: Removing leading `\/' from member names\n/gm, '')
    .replace(/\/tmp\/(LIVE|MERGED)-\d+/g, '$1')
    .replace(/\b(debugger|node-debugger-node-\d)-[a-z0-9]{5}\b/g, '$1-SUFFIX');

/**
 * A help text without its prose, which is our own: the order of its sections, the usage line, the flags with their defaults, the
 * names of sub-commands.
 */
function skeleton(help: string): string {
  const kept: string[] = [];
  let section = '';
  for (const line of help.split('\n')) {
    const [, title] = /^([A-Z][A-Za-z ()-]+):$/.exec(line) ?? [];
    if (title) {
      section = title;
      kept.push(line);
    } else if (section === 'Usage') kept.push(line);
    else if (/^ {4}(-\w, )?--[\w-]+=/.test(line)) kept.push(hide(line.replace(/:$/, '').trimEnd()));
    else if (/Commands|^Available/.test(section)) kept.push(/^ {2}\S+/.exec(line)?.[0] ?? '');
  }
  return kept.filter((line) => line !== '').join('\n');
}

/** A completion ends with its directive; what it says of flags is our own prose. */
const isCompletion = (text: string): boolean => /^:\d+$/m.test(text);

const isHelp = (text: string): boolean => /^Usage:$|^The following options can be passed/m.test(text);

/** One text that says all of an outcome that has to be the same. */
export function comparable({ stdout, stderr, code }: Outcome): string {
  const shown = (text: string) => {
    if (isHelp(text)) return skeleton(text);
    if (/^[IWEF]\d{4} /m.test(text)) return hideLogs(hide(text));
    return hide(isCompletion(text) ? text.replace(/^(-[-\w]+=?)\t.*/gm, '$1') : text);
  };
  return `${shown(stdout)}--- standard error\n${shown(stderr)}--- exit code ${code}\n`;
}
