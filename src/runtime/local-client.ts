import { recordWrite } from '../api/audit/recorder.ts';
import { notFound } from '../api/errors.ts';
import { APPLY_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from '../api/machinery/content-types.ts';
import { create } from '../api/machinery/create.ts';
import { remove } from '../api/machinery/delete.ts';
import { patch } from '../api/machinery/patch.ts';
import { scale } from '../api/machinery/scale.ts';
import { update } from '../api/machinery/update.ts';
import { ApiError, type UserInfo } from '../api/request.ts';
import type { Resource } from '../api/schema/registry.ts';
import type { ApiServer } from '../api/server.ts';
import { createInSubresource } from '../api/subresources/index.ts';
import { virtualReview } from '../api/virtual/index.ts';
import type { Answer, ResourceRequest } from '../api/world.ts';
import type { ObjectIndex } from '../store/object-index.ts';
import type { KubeObject, ObjectOf, ResourceName } from '../types/objects.ts';
import type { Client, DeleteOptions } from './client.ts';

/** Who a client writes as, and what managedFields call it. */
export interface ClientIdentity {
  /** `system:serviceaccount:kube-system:deployment-controller` */
  user: string;
  /** `kube-controller-manager` */
  manager: string;
}

/**
 * The typed client over an API server in the same process. Reads come from the store; writes take the way of any request but
 * for authorization and the decoding of bytes. `server.prepare()` must have run before the first write.
 */
export class LocalClient implements Client {
  private readonly user: UserInfo;
  private readonly noQuery = new URLSearchParams();

  constructor(
    private readonly server: ApiServer,
    private readonly identity: ClientIdentity,
  ) {
    this.user = { username: identity.user, groups: ['system:masters', 'system:authenticated'] };
  }

  get<R extends ResourceName>(resource: R, namespace: string, name: string): ObjectOf<R> | undefined {
    return this.server.world.store.get(resource, namespace, name) as ObjectOf<R> | undefined;
  }

  list<R extends ResourceName>(resource: R, namespace?: string): ObjectOf<R>[] {
    return this.server.world.store.list(resource, namespace) as ObjectOf<R>[];
  }

  under<R extends ResourceName>(resource: R, index: ObjectIndex, value: string): readonly ObjectOf<R>[] {
    return this.server.world.store.under(resource, index, value) as readonly ObjectOf<R>[];
  }

  create<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R> {
    const { namespace = '', name = '' } = object.metadata;
    return this.kept(
      this.request('create', resource, namespace, name, '', object),
      virtualReview(resource) ?? create,
    ) as ObjectOf<R>;
  }

  update<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R> {
    return this.put(resource, object, '');
  }

  updateStatus<R extends ResourceName>(resource: R, object: ObjectOf<R>): ObjectOf<R> {
    return this.put(resource, object, 'status');
  }

  apply<R extends ResourceName>(resource: R, config: ObjectOf<R>, manager: string, subresource = ''): ObjectOf<R> {
    const { namespace = '', name = '' } = config.metadata;
    const request = this.request('patch', resource, namespace, name, subresource, config);
    request.headers = { 'content-type': APPLY_PATCH };
    request.query = new URLSearchParams({ force: 'true' });
    return this.kept({ ...request, manager }, patch) as ObjectOf<R>;
  }

  patch<R extends ResourceName>(
    resource: R,
    namespace: string,
    name: string,
    body: unknown,
    subresource = '',
  ): ObjectOf<R> {
    const request = this.request('patch', resource, namespace, name, subresource, body);
    request.headers = { 'content-type': request.resource.custom ? MERGE_PATCH : STRATEGIC_PATCH };
    return this.kept(request, subresource === 'scale' ? scale : patch) as ObjectOf<R>;
  }

  delete(resource: ResourceName, namespace: string, name: string, options: DeleteOptions = {}): void {
    this.kept(this.request('delete', resource, namespace, name, '', options), remove);
  }

  createSubresource(
    resource: ResourceName,
    namespace: string,
    name: string,
    subresource: string,
    body: KubeObject,
  ): void {
    this.kept(this.request('create', resource, namespace, name, subresource, body), createInSubresource);
  }

  private put<R extends ResourceName>(resource: R, object: ObjectOf<R>, subresource: string): ObjectOf<R> {
    const { namespace = '', name = '' } = object.metadata;
    return this.kept(this.request('update', resource, namespace, name, subresource, object), update) as ObjectOf<R>;
  }

  /** Does what a request wants, and keeps it in the audit log if there is one. */
  private kept(request: ResourceRequest, act: (request: ResourceRequest) => Answer): unknown {
    const { world } = this.server;
    const log = world.audit?.();
    if (!log) return act(request).object;
    try {
      const { object, status } = act(request);
      recordWrite(world, log, request, { object, code: status });
      return object;
    } catch (error) {
      if (error instanceof ApiError) recordWrite(world, log, request, { object: error.toStatus(), code: error.code });
      throw error;
    }
  }

  private request(
    verb: string,
    resource: ResourceName,
    namespace: string,
    name: string,
    subresource: string,
    body: unknown,
  ): ResourceRequest {
    return {
      world: this.server.world,
      user: this.user,
      resource: this.resource(resource),
      verb,
      namespace,
      name,
      subresource,
      rest: '',
      query: this.noQuery,
      headers: {},
      body,
      trusted: true,
      dryRun: false,
      fieldValidation: 'Ignore',
      manager: this.identity.manager,
      warnings: [],
    };
  }

  private resource(name: ResourceName): Resource {
    const resource = this.server.world.registry.byName(name);
    if (!resource) throw notFound({ group: '', plural: 'resources' }, name);
    return resource;
  }
}
