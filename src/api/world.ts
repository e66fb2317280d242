import type { Random } from '../base/random.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { KubeObject } from '../types/objects.ts';
import type { AuditLog } from './audit/recorder.ts';
import type { KindStrategy } from './kinds/kind.ts';
import type { NodeAgent } from './node-agent.ts';
import type { UserInfo, YamlSource } from './request.ts';
import type { Registry, Resource } from './schema/registry.ts';

/** What every part of the API server works with. */
export interface ApiWorld {
  store: ObjectStore;
  state: State;
  registry: Registry;
  random: Random;
  /** Cluster time, ms. */
  now(): number;
  strategy(resource: Resource): KindStrategy;
  nodeAgent?: NodeAgent;
  /** What containers are kept busy with, as the kubelets told it last: see NodeAgent. */
  loads?: Awaited<ReturnType<NodeAgent['loads']>>;
  /** Where requests are kept, if the API server was told to. */
  audit?(): AuditLog | undefined;
  /** `10.96.0.0/12` */
  serviceCIDR: string;
  /** `192.168.50.10:6443`, as /api tells it. */
  serverAddress: string;
  /** `v1.33.13` */
  kubernetesVersion: string;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** A request for a resource, understood: who wants what, on which object, how. */
export interface ResourceRequest {
  world: ApiWorld;
  user: UserInfo;
  resource: Resource;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection` */
  verb: string;
  /** '' for cluster-scoped resources and for lists over all namespaces. */
  namespace: string;
  name: string;
  subresource: string;
  /** What follows the subresource: `pods/x/proxy/REST`. */
  rest: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: unknown;
  yaml?: YamlSource;
  /** The body comes from a program of our own, already an object of its kind. */
  trusted: boolean;
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** For managedFields: the option fieldManager, or the User-Agent's first word. */
  manager: string;
  warnings: string[];
  /** What is written where that is no object of the resource: an Eviction, the Scale of a workload. */
  written?: WrittenKind;
}

/** A kind that stands in a request for the resource's own. */
export interface WrittenKind {
  group: string;
  version: string;
  kind: string;
  /** Versions in which it may be written as well: `policy/v1beta1`. */
  alsoIn?: readonly string[];
  /** The object of this kind that an object of the resource is to admission; itself by default. */
  of?(object: KubeObject): KubeObject;
}

/** An answer before it is dressed as the Accept header wants it. */
export interface Answer {
  status: number;
  /** The object of the request's own kind, or anything else (Status, Scale …). */
  object: unknown;
}

/** `group` and `plural` of a request's resource, for errors. */
export const subjectOf = (request: ResourceRequest) => ({
  group: request.resource.group,
  plural: request.resource.plural,
});
