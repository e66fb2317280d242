import { lookUp } from '../../resolver.ts';
import { waitOf } from '../network/failures.ts';
import type { ToolContext } from '../tool.ts';

/** Why a mirror cannot be reached, and after how many ms that is known. */
export interface Unreachable {
  problem: 'name' | 'connection';
  address?: string;
  after: number;
}

/** Asks whether this machine reaches a mirror of packages at all: its name servers, its routes, network policies. */
export function reach({ machine }: ToolContext, host: string, port: 80 | 443): Unreachable | undefined {
  const found = lookUp(machine, host);
  if ('failure' in found) return { problem: 'name', after: found.after };
  const address = found.addresses[0]!;
  const state = machine.network.connect(address, port);
  return state === 'open' ? undefined : { problem: 'connection', address, after: waitOf(state) };
}
