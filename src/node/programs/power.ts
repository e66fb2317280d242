import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, ok } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { systemctl } from '../systemd/systemctl.ts';

type Program = (host: NodeHost, context: CommandContext) => CommandResult | Promise<CommandResult>;

const as =
  (verb: string): Program =>
  (host, context) =>
    // Its input is nobody's to ask for: see CommandContext.stdin.
    systemctl(host, Object.assign(Object.create(context) as CommandContext, { argv: ['systemctl', verb] }));

/** `shutdown [-r|-h|-P|-c] [now|+MINUTES]`: at once, whatever the time is. */
const shutdown: Program = (host, context) => {
  const words = context.argv.slice(1);
  if (words.includes('-c')) return ok();
  const [time] = words.filter((word) => !word.startsWith('-'));
  if (time !== undefined && time !== 'now' && !/^\+?0$/.test(time))
    return fail('kubemu shuts machines down at once: shutdown now\n');
  return as(words.some((word) => /^-\w*r/.test(word) || word === '--reboot') ? 'reboot' : 'poweroff')(host, context);
};

/** Programs that end a machine's work. */
export const POWER_PROGRAMS: Record<string, Program> = {
  reboot: as('reboot'),
  poweroff: as('poweroff'),
  halt: as('halt'),
  shutdown,
};
