import type { Node } from '../../types/objects.ts';
import { readiness } from './taints.ts';

/** --unhealthy-zone-threshold: from this part of a zone's nodes on, the trouble may be the controller's own. */
const UNHEALTHY = 0.55;
/** --large-cluster-size-threshold: in larger zones pods are still driven away, only more slowly. */
const LARGE = 50;

export const zoneOf = ({ metadata }: Node): string =>
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'].map((label) => metadata.labels?.[label]).join(' ');

const count = (nodes: Node[]): { ready: number; lost: number } => {
  const ready = nodes.filter((node) => readiness(node) === 'True').length;
  return { ready, lost: nodes.length - ready };
};

/** Whether no node at all is ready: then nobody is driven away, and those that were about to be are left alone. */
export const allDisrupted = (nodes: Node[]): boolean => nodes.length > 0 && count(nodes).ready === 0;

/** Whether so much of the node's zone is lost that its pods are left where they are (ComputeZoneState, ReducedQPSFunc). */
export function isDisrupted(node: Node, nodes: Node[]): boolean {
  const { ready, lost } = count(nodes.filter((other) => zoneOf(other) === zoneOf(node)));
  if (ready === 0) return false;
  return lost > 2 && lost / (lost + ready) >= UNHEALTHY && lost + ready <= LARGE;
}

/** --node-eviction-rate and --secondary-node-eviction-rate: the time between two nodes of a zone whose pods are driven away, ms. */
export function evictionPause(node: Node, nodes: Node[]): number {
  const { ready, lost } = count(nodes.filter((other) => zoneOf(other) === zoneOf(node)));
  return ready > 0 && lost > 2 && lost / (lost + ready) >= UNHEALTHY ? 100_000 : 10_000;
}
