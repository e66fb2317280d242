import type { ConnectFailure } from '../../process.ts';

/** How long a connection that nobody answers is tried, ms: what Linux's retries of SYN come to. */
export const CONNECT_TIMEOUT = 131_000;

/** How long it takes until a machine finds that nobody has a neighbour's address, ms. */
export const NO_NEIGHBOUR = 3_067;

/** strerror */
export const ERRORS: Record<Exclude<ConnectFailure, 'bad-address'>, string> = {
  refused: 'Connection refused',
  timeout: 'Connection timed out',
  'no-route': 'No route to host',
};

/** What the kernel makes a program wait before it says how a connection failed, ms. */
export const waitOf = (failure: ConnectFailure): number =>
  failure === 'timeout' ? CONNECT_TIMEOUT : failure === 'no-route' ? NO_NEIGHBOUR : 0;
