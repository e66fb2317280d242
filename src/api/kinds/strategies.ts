import { strategy as configmap } from './configmap/strategy.ts';
import { strategy as daemonset } from './daemonset/strategy.ts';
import { strategy as deployment } from './deployment/strategy.ts';
import { strategy as endpoints } from './endpoints/strategy.ts';
import { strategy as endpointslice } from './endpointslice/strategy.ts';
import { strategy as event } from './event/strategy.ts';
import type { KindStrategy } from './kind.ts';
import { strategy as lease } from './lease/strategy.ts';
import { strategy as namespace } from './namespace/strategy.ts';
import { strategy as node } from './node/strategy.ts';
import { strategy as pod } from './pod/strategy.ts';
import { strategy as priorityclass } from './priorityclass/strategy.ts';
import { strategy as replicaset } from './replicaset/strategy.ts';
import { strategy as secret } from './secret/strategy.ts';
import { strategy as service } from './service/strategy.ts';
import { strategy as serviceaccount } from './serviceaccount/strategy.ts';
import { type KindRules, withMetadata } from './shared/strategy.ts';

const ALL = [
  configmap,
  daemonset,
  deployment,
  endpoints,
  endpointslice,
  event,
  lease,
  namespace,
  node,
  pod,
  priorityclass,
  replicaset,
  secret,
  service,
  serviceaccount,
] as unknown as KindRules[];

/** Every kind with rules of its own, by resource. */
export const STRATEGIES: Record<string, KindStrategy> = Object.fromEntries(
  ALL.map((rules) => [rules.resource, withMetadata(rules)]),
);
