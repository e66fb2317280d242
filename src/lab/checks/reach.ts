import type { Machine } from '../../sh/process.ts';
import { lookUp } from '../../sh/resolver.ts';
import type { ReachCheck } from '../format/lab.ts';

/** Behind one address there may be several servers: so often is each asked. */
const TRIES = 4;

/** How an attempt ended: an HTTP status, or a word for the connection; with what came back. */
interface Attempt {
  answer: string;
  body: string;
}

const FAILURES: Record<string, string> = { 'no-http': 'open', 'no-route': 'timeout', 'bad-address': 'unknown-host' };

/** Why a place is not reached as wanted; undefined when it is, each time. */
export function reachFailure(check: ReachCheck, machine: Machine): string | undefined {
  let body = '';
  for (let tries = 0; tries < TRIES; tries++) {
    const attempt = ask(machine, check.reach);
    if (!answersAs(check.answers, attempt.answer)) return `it answered ${attempt.answer}, not ${check.answers}`;
    body += `${attempt.body}\n`;
  }
  if (check.shows !== undefined && !new RegExp(check.shows, 'm').test(body)) return `what came back: ${body.trim()}`;
  return undefined;
}

const answersAs = (wanted: ReachCheck['answers'], answer: string): boolean =>
  wanted === 'open' ? answer === 'open' || /^\d+$/.test(answer) : String(wanted) === answer;

function ask(machine: Machine, address: string): Attempt {
  const { protocol, hostname, port: written, pathname, search, host } = new URL(address.replace(/^tcp:/, 'http:'));
  const tls = protocol === 'https:';
  // A URL with its scheme's own port forgets that it was written.
  const port = Number(written || (tls ? 443 : 80));
  const found = lookUp(machine, hostname);
  if ('failure' in found) return { answer: 'unknown-host', body: '' };
  const [ip = ''] = found.addresses;
  if (address.startsWith('tcp:')) return { answer: worded(machine.network.connect(ip, port)), body: '' };
  const headers = { host, 'user-agent': 'curl/8.14.1', accept: '*/*' };
  const path = `${pathname}${search}`;
  const reply = machine.network.http({ method: 'GET', host: ip, port, path, headers, ...(tls && { tls }) });
  return 'failure' in reply
    ? { answer: worded(reply.failure), body: '' }
    : { answer: String(reply.status), body: reply.body };
}

const worded = (outcome: string): string => FAILURES[outcome] ?? outcome;
