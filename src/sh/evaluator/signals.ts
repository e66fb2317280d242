/** Numbers of the signals that shells know, by name without SIG. */
export const SIGNALS: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  POLL: 29,
  PWR: 30,
  SYS: 31,
};

/** What is not deadly by default. */
export const HARMLESS = new Set(['CHLD', 'CONT', 'URG', 'WINCH', 'STOP', 'TSTP', 'TTIN', 'TTOU']);

/** `TERM` of 15, `15`, `SIGTERM`, `term`; `EXIT` of 0; undefined if there is no such signal. */
export function signalName(signal: string | number): string | undefined {
  const text = String(signal).toUpperCase();
  if (text === '0' || text === 'EXIT') return 'EXIT';
  if (/^[0-9]+$/.test(text)) return Object.keys(SIGNALS).find((name) => SIGNALS[name] === Number(text));
  const name = text.replace(/^SIG/, '');
  return name in SIGNALS ? name : undefined;
}
