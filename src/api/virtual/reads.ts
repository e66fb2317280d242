import type { Answer, ResourceRequest } from '../world.ts';
import { componentStatuses } from './component-statuses.ts';
import { nodeMetrics, podMetrics } from './metrics.ts';

type Handler = (request: ResourceRequest) => Answer;

/** Resources that are worked out when they are read. */
const READS: Record<string, Handler> = {
  componentstatuses: componentStatuses,
  'nodes.metrics.k8s.io': nodeMetrics,
  'pods.metrics.k8s.io': podMetrics,
};

/** The handler of a resource that is read and not stored; undefined for the others. */
export const virtualRead = (name: string): Handler | undefined => READS[name];
