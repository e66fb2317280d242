import type { KubeObject } from '../../types/objects.ts';
import { resourceText } from '../authorization/attributes.ts';
import { decide } from '../authorization/index.ts';
import type { AdmissionExpressions, PURPOSES } from '../cel/admission-expressions.ts';
import { CelRuntimeError } from '../cel/issues.ts';
import { type Asked, Authorizer, type Decision, ResourceCheck } from '../cel/library/authorizer.ts';
import { fromJson } from '../cel/values.ts';
import { canonical } from '../machinery/body.ts';
import type { Resource } from '../schema/registry.ts';
import type { ResourceRequest } from '../world.ts';
import { type Attempt, namespaceOf } from './rule-matching.ts';

/** What expressions may name, with what it stands for. */
export type Values = Record<string, unknown>;

/** A shown object: typed ones have the fields that Go always writes. */
const shown = (resource: Resource, object: KubeObject | undefined): unknown =>
  object
    ? fromJson({ ...canonical(resource, object), apiVersion: groupVersionOf(resource), kind: resource.kind })
    : null;

const withoutManagers = (object: KubeObject | undefined): KubeObject | undefined => {
  if (!object) return undefined;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

const groupVersionOf = ({ group, version }: Resource): string => (group ? `${group}/${version}` : version);

function decideFor({ world, user }: ResourceRequest): (asked: Asked) => Decision {
  return ({
    serviceAccount: account,
    verb,
    path,
    group = '',
    resource = '',
    subresource,
    namespace = '',
    name = '',
  }) => {
    const who = account
      ? {
          username: `system:serviceaccount:${account.namespace}:${account.name}`,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`],
        }
      : user;
    if (path !== undefined) return decide(world, who, { verb, path });
    return decide(world, who, {
      verb,
      group,
      resource: resourceText(resource, subresource),
      namespace,
      name,
    });
  };
}

function requestValue({ request, operation, name, namespace, options }: Attempt, version: string): unknown {
  const { resource, subresource, user, dryRun, written } = request;
  const { group, plural } = resource;
  const textOf = (key: string, text: string) => (text ? { [key]: text } : {});
  const asKind = written
    ? { group: written.group, version: written.version, kind: written.kind }
    : { group, version, kind: options?.kind ?? resource.kind };
  const asResource = { group, version, resource: plural };
  return fromJson({
    kind: asKind,
    resource: asResource,
    ...textOf('subResource', subresource),
    requestKind: written ? asKind : { ...asKind, version: resource.version },
    requestResource: { ...asResource, version: resource.version },
    ...textOf('requestSubResource', subresource),
    ...textOf('name', name),
    ...textOf('namespace', namespace),
    operation,
    userInfo: {
      ...textOf('username', user.username),
      ...textOf('uid', user.uid ?? ''),
      ...(user.groups.length > 0 && { groups: user.groups }),
      ...(user.extra && Object.keys(user.extra).length > 0 && { extra: user.extra }),
    },
    dryRun,
    options: optionsOf(request, operation),
  });
}

const OPTIONS: Record<string, string> = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

const optionsOf = ({ manager, fieldValidation, verb }: ResourceRequest, operation: string): unknown =>
  operation === 'CONNECT'
    ? null
    : {
        kind: verb === 'patch' && operation === 'UPDATE' ? 'PatchOptions' : OPTIONS[operation],
        apiVersion: 'meta.k8s.io/v1',
        ...(operation !== 'DELETE' && { fieldManager: manager, fieldValidation }),
      };

/** The values of all expressions about a request; `version`: as which the resource was matched. */
export function admissionValues(attempt: Attempt, version: string): Values {
  const { request, object, old, name, namespace, options } = attempt;
  const { resource, subresource, written } = request;
  const seenAs = written ? { ...resource, ...written, custom: undefined } : resource;
  const found = resource.name === 'namespaces' ? undefined : namespaceOf(attempt);
  const namespaces = request.world.registry.byName('namespaces')!;
  const decided = decideFor(request);
  const asked: Partial<Asked> = { group: resource.group, resource: resource.plural, subresource, namespace, name };
  return {
    object: options ? fromJson(options) : shown(seenAs, object),
    oldObject: shown(seenAs, old),
    namespaceObject: shown(namespaces, withoutManagers(found)),
    request: requestValue(attempt, version),
    authorizer: new Authorizer(decided, {}, new ResourceCheck(decided, asked)),
    params: null,
    variables: {},
  };
}

/** An object as expressions see it. */
export const paramsValue = shown;

/** What an expression comes to, or the words in which it failed. */
export function evaluated(
  expressions: AdmissionExpressions,
  expression: string,
  purpose: keyof typeof PURPOSES,
  values: Values,
): { value?: unknown; error?: string } {
  try {
    return { value: expressions.compile(expression, purpose).evaluate(values) };
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) return { error: `compilation error: ${(error as Error).message}` };
    return { error: `expression '${expression}' resulted in error: ${error.message}` };
  }
}

interface MatchCondition {
  name: string;
  expression: string;
}

/** Whether all conditions hold; a string is why that cannot be told (and nothing that fails to hold excuses it). */
export function conditionsHold(
  conditions: readonly MatchCondition[] | undefined,
  expressions: AdmissionExpressions,
  values: Values,
): boolean | string {
  const results = (conditions ?? []).map(({ expression }) =>
    evaluated(expressions, expression.trim(), 'matchCondition', { ...values, namespaceObject: null }),
  );
  if (results.some(({ value }) => value === false)) return false;
  const errors = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (errors.length === 0) return true;
  return errors.length === 1 ? errors[0]! : `[${[...new Set(errors)].join(', ')}]`;
}
