import { lookUp } from '../resolver.ts';
import type { Program, ProgramIo } from './io.ts';

/** Letters that take a word of their own. */
const VALUED = 'cWwisItpM';

interface Wanted {
  host?: string;
  count: number;
  /** ms: between two requests, for an answer, for all. */
  interval: number;
  wait: number;
  deadline: number;
  size: number;
  quiet: boolean;
}

/** How long the last answer is waited for when none has come yet, ms. */
const LINGER = 10_000;

function wantedOf({ argv }: ProgramIo): Wanted {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!;
    if (!/^-[a-zA-Z0-9]/.test(word)) rest.push(word);
    else if (VALUED.includes(word[1]!)) values.set(word[1]!, word.length > 2 ? word.slice(2) : (argv[++at] ?? ''));
    else for (const letter of word.slice(1)) values.set(letter, '');
  }
  const ms = (letter: string, fallback: number) => (values.has(letter) ? Number(values.get(letter)) * 1000 : fallback);
  const [host] = rest;
  return {
    ...(host !== undefined && { host }),
    count: values.has('c') ? Number(values.get('c')) : Number.POSITIVE_INFINITY,
    interval: ms('i', 1000),
    wait: ms('W', LINGER),
    deadline: ms('w', Number.POSITIVE_INFINITY),
    size: Number(values.get('s') ?? 56),
    quiet: values.has('q'),
  };
}

/** A round trip's time in ms that stays the same for the same host and count. */
function roundTrip(io: ProgramIo, sequence: number): number {
  let hash = sequence * 2654435761;
  for (const char of io.argv.join(' ')) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  return 0.05 + ((hash >>> 8) % 90) / 1000;
}

interface Tally {
  address: string;
  began: number;
  sent: number;
  received: number;
  errors: number;
  times: number[];
}

export const ping: Program = {
  step(io) {
    const wanted = wantedOf(io);
    if (wanted.host === undefined) {
      io.err(io.busybox ? USAGE : 'ping: usage error: Destination address required\n');
      return io.busybox ? 1 : 2;
    }
    if (io.memory.address === undefined) {
      const failed = begin(io, wanted.host, wanted);
      if (failed !== undefined) return failed;
    }
    const tally = io.memory as unknown as Tally;
    if (tally.sent >= wanted.count || io.now - tally.began >= wanted.deadline) return summary(io, wanted.host);
    const state = io.machine.network.ping(tally.address);
    const reached = state === 'open';
    if (reached) answered(io, tally, wanted);
    else if (state === 'no-route' && !io.busybox) {
      tally.errors++;
      io.out(`From ${tally.address} icmp_seq=${tally.sent + 1} Destination Host Unreachable\n`);
    }
    tally.sent++;
    const last = tally.sent >= wanted.count;
    io.memory.wake = io.now + (last ? (reached ? 1 : wanted.wait) : wanted.interval);
    return 'blocked';
  },
  signal(io, name) {
    return name === 'INT' && io.memory.address !== undefined ? summary(io, wantedOf(io).host ?? '') : undefined;
  },
};

const USAGE = 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n';

/** Finds the host and says so; answers the exit code if there is none. */
function begin(io: ProgramIo, host: string, { size }: Wanted): number | 'blocked' | undefined {
  const found = lookUp(io.machine, host);
  if ('failure' in found) {
    if (found.after > 0 && io.memory.waited === undefined) {
      io.memory.waited = io.memory.wake = io.now + found.after;
      return 'blocked';
    }
    const reason = found.failure === 'unknown' ? 'Name or service not known' : 'Temporary failure in name resolution';
    io.err(io.busybox ? `ping: bad address '${host}'\n` : `ping: ${host}: ${reason}\n`);
    return io.busybox ? 1 : 2;
  }
  const [address] = found.addresses;
  Object.assign(io.memory, { address, began: io.now, sent: 0, received: 0, errors: 0, times: [] });
  const shown = found.name;
  // iputils names the host by its whole name to the end.
  if (!io.busybox) io.memory.shown = shown;
  io.out(
    io.busybox
      ? `PING ${host} (${address}): ${size} data bytes\n`
      : `PING ${shown} (${address}) ${size}(${size + 28}) bytes of data.\n`,
  );
  return undefined;
}

function answered(io: ProgramIo, tally: Tally, { size, quiet }: Wanted): void {
  const time = roundTrip(io, tally.sent);
  tally.times.push(time);
  if (tally.times.length > 1000) tally.times.shift();
  tally.received++;
  if (quiet) return;
  const sequence = io.busybox ? `seq=${tally.sent}` : `icmp_seq=${tally.sent + 1}`;
  io.out(`${size + 8} bytes from ${tally.address}: ${sequence} ttl=64 time=${time.toFixed(3)} ms\n`);
}

function summary(io: ProgramIo, host: string): number {
  const { sent, received, errors, times } = io.memory as unknown as Tally;
  const loss = sent === 0 ? 0 : Math.floor(((sent - received) / sent) * 100);
  const average = times.reduce((sum, time) => sum + time, 0) / times.length;
  const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length);
  const [min, avg, max, mdev] = [Math.min(...times), average, Math.max(...times), deviation].map((ms) => ms.toFixed(3));
  io.out(`\n--- ${(io.memory.shown as string | undefined) ?? host} ping statistics ---\n`);
  if (io.busybox) {
    io.out(`${sent} packets transmitted, ${received} packets received, ${loss}% packet loss\n`);
    if (received > 0) io.out(`round-trip min/avg/max = ${min}/${avg}/${max} ms\n`);
  } else {
    const failed = errors > 0 ? `+${errors} errors, ` : '';
    io.out(
      `${sent} packets transmitted, ${received} received, ${failed}${loss}% packet loss, time ${Math.max(0, sent - 1) * 1000}ms\n`,
    );
    io.out(received > 0 ? `rtt min/avg/max/mdev = ${min}/${avg}/${max}/${mdev} ms\n` : '\n');
  }
  return received > 0 ? 0 : 1;
}
