import type { Program, ProgramIo } from './io.ts';

const option = (io: ProgramIo, letter: string): string | undefined => {
  const args = io.argv.slice(1);
  const index = args.findIndex((arg) => arg.startsWith(`-${letter}`));
  if (index < 0) return undefined;
  return args[index]!.length > 2 ? args[index]!.slice(2) : args[index + 1];
};

/** A round trip's time in ms that stays the same for the same host and count. */
function roundTrip(io: ProgramIo, sequence: number): number {
  let hash = sequence * 2654435761;
  for (const char of io.argv.join(' ')) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) | 0;
  return 0.05 + ((hash >>> 8) % 90) / 1000;
}

export const ping: Program = {
  step(io) {
    const host = io.argv
      .slice(1)
      .find((arg, index, all) => !arg.startsWith('-') && !/^-[cWwisI]$/.test(all[index - 1] ?? ''));
    const { network } = io.machine;
    if (host === undefined) {
      io.err('ping: usage error: Destination address required\n');
      return 1;
    }
    if (io.memory.address === undefined) {
      const address = /^[0-9.]+$/.test(host) ? host : network.resolve(host)[0];
      if (address === undefined) {
        io.err(io.busybox ? `ping: bad address '${host}'\n` : `ping: ${host}: Name or service not known\n`);
        return io.busybox ? 1 : 2;
      }
      Object.assign(io.memory, { address, sent: 0, received: 0, times: [] });
      io.out(
        io.busybox ? `PING ${host} (${address}): 56 data bytes\n` : `PING ${host} (${address}) 56(84) bytes of data.\n`,
      );
    }
    const address = io.memory.address as string;
    const count = Number(option(io, 'c') ?? Number.POSITIVE_INFINITY);
    const sent = io.memory.sent as number;
    if (sent >= count || (io.memory.ended as boolean | undefined)) return summary(io, host);
    // An address answers an echo if something is there, whatever its ports say.
    const reachable = ['open', 'refused'].includes(network.connect(address, 7));
    if (reachable) {
      const time = roundTrip(io, sent);
      (io.memory.times as number[]).push(time);
      if ((io.memory.times as number[]).length > 1000) (io.memory.times as number[]).shift();
      io.memory.received = (io.memory.received as number) + 1;
      io.out(
        io.busybox
          ? `64 bytes from ${address}: seq=${sent} ttl=64 time=${time.toFixed(3)} ms\n`
          : `64 bytes from ${address}: icmp_seq=${sent + 1} ttl=64 time=${time.toFixed(3)} ms\n`,
      );
    }
    io.memory.sent = sent + 1;
    const last = sent + 1 >= count;
    io.memory.wake = io.now + (last ? (reachable ? 1 : 10_000) : 1000);
    return 'blocked';
  },
  signal(io, name) {
    if (name !== 'INT') return undefined;
    io.out('^C'.slice(2));
    return summary(io, io.argv.at(-1)!);
  },
};

function summary(io: ProgramIo, host: string): number {
  const { sent, received } = io.memory as { sent: number; received: number };
  const times = io.memory.times as number[];
  const loss = sent === 0 ? 0 : Math.round(((sent - received) / sent) * 100);
  const [min, avg, max] = [
    Math.min(...times),
    times.reduce((sum, time) => sum + time, 0) / times.length,
    Math.max(...times),
  ].map((value) => value.toFixed(3));
  io.out(`\n--- ${host} ping statistics ---\n`);
  if (io.busybox) {
    io.out(`${sent} packets transmitted, ${received} packets received, ${loss}% packet loss\n`);
    if (received > 0) io.out(`round-trip min/avg/max = ${min}/${avg}/${max} ms\n`);
  } else {
    io.out(
      `${sent} packets transmitted, ${received} received, ${loss}% packet loss, time ${Math.max(0, sent - 1) * 1000}ms\n`,
    );
    if (received > 0) io.out(`rtt min/avg/max/mdev = ${min}/${avg}/${max}/0.010 ms\n`);
  }
  return received > 0 ? 0 : 1;
}
