import type { Flag } from '../command.ts';

/** Whether help and completion show a flag: those that are deprecated are hidden (pflag's MarkDeprecated). */
export const isShown = (flag: Flag): boolean => !flag.hidden && !flag.deprecated;
