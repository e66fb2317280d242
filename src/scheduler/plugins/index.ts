import type { FilterPlugin, ScorePlugin } from '../framework.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity, interPodAffinityScore } from './inter-pod-affinity.ts';
import { nodeAffinity, nodeAffinityScore } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { balancedAllocation, leastAllocated, nodeResourcesFit } from './node-resources.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread, topologySpreadScore } from './pod-topology-spread.ts';
import { taintScore, taintToleration } from './taint-toleration.ts';
import { volumeZone } from './volume-zone.ts';
import { volumeBinding, volumeRestrictions } from './volumes.ts';

/** In the order of the default profile: the first that objects to a node says why. */
export const FILTERS: readonly FilterPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  volumeBinding,
  volumeZone,
  podTopologySpread,
  interPodAffinity,
];

export const SCORES: readonly ScorePlugin[] = [
  taintScore,
  nodeAffinityScore,
  leastAllocated,
  topologySpreadScore,
  interPodAffinityScore,
  balancedAllocation,
  imageLocality,
];
