import { lookUp } from '../../resolver.ts';
import { fail, isBusybox, ok, type Tool } from '../tool.ts';
import { ERRORS, waitOf } from './failures.ts';

export const telnet: Tool = (context) => {
  const [name = '', port = '23'] = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const busybox = isBusybox(context);
  const found = lookUp(context.machine, name);
  if ('failure' in found)
    return {
      ...fail(
        busybox
          ? `telnet: bad address '${name}'\n`
          : `telnet: could not resolve ${name}/${port}: Name or service not known\n`,
      ),
      ...(found.after > 0 && { after: found.after }),
    };
  const address = found.addresses[0]!;
  const state = context.machine.network.connect(address, Number(port));
  if (state === 'open')
    return ok(
      busybox
        ? `Connected to ${name}\n`
        : `Trying ${address}...\nConnected to ${name}.\nEscape character is '^]'.\nConnection closed by foreign host.\n`,
    );
  const reason = ERRORS[state as keyof typeof ERRORS];
  const wait = waitOf(state);
  return {
    ...(busybox
      ? fail(`telnet: can't connect to remote host (${address}): ${reason}\n`)
      : { stdout: `Trying ${address}...\n`, stderr: `telnet: Unable to connect to remote host: ${reason}\n`, code: 1 }),
    ...(wait > 0 && { after: wait }),
  };
};
