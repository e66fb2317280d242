import { BOOL, type CelType, DYN, INT, listOf, mapOf, STRING, struct, TIMESTAMP } from './types.ts';

const fields = (names: string[], type: CelType): Record<string, CelType> =>
  Object.fromEntries(names.map((name) => [name, type]));
const TEXTS = mapOf(STRING, STRING);

const KIND = struct('kubernetes.GroupVersionKind', fields(['group', 'version', 'kind'], STRING));
const RESOURCE = struct('kubernetes.GroupVersionResource', fields(['group', 'version', 'resource'], STRING));

const request = (): CelType =>
  struct('kubernetes.AdmissionRequest', {
    kind: KIND,
    resource: RESOURCE,
    requestKind: KIND,
    requestResource: RESOURCE,
    ...fields(['subResource', 'requestSubResource', 'name', 'namespace', 'operation'], STRING),
    userInfo: struct('kubernetes.UserInfo', {
      ...fields(['username', 'uid'], STRING),
      groups: listOf(STRING),
      extra: mapOf(STRING, listOf(STRING)),
    }),
    dryRun: BOOL,
    options: DYN,
  });

const namespaceObject = (): CelType =>
  struct('kubernetes.Namespace', {
    metadata: struct('kubernetes.NamespaceMetadata', {
      ...fields(['name', 'generateName', 'namespace', 'UID', 'resourceVersion'], STRING),
      ...fields(['labels', 'annotations'], TEXTS),
      ...fields(['creationTimestamp', 'deletionTimestamp'], TIMESTAMP),
      ...fields(['deletionGracePeriodSeconds', 'generation'], INT),
      finalizers: listOf(STRING),
    }),
    spec: struct('kubernetes.NamespaceSpec', { finalizers: listOf(STRING) }),
    status: struct('kubernetes.NamespaceStatus', {
      conditions: listOf(
        struct('kubernetes.NamespaceCondition', {
          ...fields(['status', 'type', 'message', 'reason'], STRING),
          lastTransitionTime: TIMESTAMP,
        }),
      ),
      phase: STRING,
    }),
  });

/** What is known of the objects of a request. */
export interface AdmissionTypes {
  object?: CelType;
  params?: CelType;
}

export interface Given {
  types?: AdmissionTypes;
  params?: boolean;
  authorizer?: boolean;
  /** The policy's own variables, of which those before may be used by those behind; absent: the name is not known. */
  variables?: Record<string, CelType>;
}

/** What expressions of admission may name; `object` and its like have no type unless given. */
export function admissionVariables({
  params = false,
  authorizer = true,
  variables,
  types = {},
}: Given = {}): Map<string, CelType> {
  return new Map<string, CelType>([
    ['object', types.object ?? DYN],
    ['oldObject', types.object ?? DYN],
    ['namespaceObject', namespaceObject()],
    ['request', request()],
    ...(variables ? ([['variables', struct('kubernetes.variables', variables)]] as const) : []),
    ...(params ? ([['params', types.params ?? DYN]] as const) : []),
    ...(authorizer
      ? ([
          ['authorizer', struct('kubernetes.authorization.Authorizer')],
          ['authorizer.requestResource', struct('kubernetes.authorization.ResourceCheck')],
        ] as const)
      : []),
  ]);
}
