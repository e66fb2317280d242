/**
 * A controller that breaks must not break the command beside it: it is tried again later, as a real one. Whoever works on kubemu
 * sees it with KUBEMU_DEBUG=1.
 */
export function reportDefect(error: unknown, actor: string, key: string): void {
  if (process.env.KUBEMU_DEBUG) console.error(`${actor} failed at ${key}:`, error);
}
