import type { ConfigMap, Container, Secret } from '../types/objects.ts';
import { ConfigError } from './config-error.ts';
import { fieldValue, resourceValue } from './field-values.ts';
import type { PodScope } from './pod/scope.ts';
import { serviceEnvironment } from './service-env.ts';

const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8');

/** third_party/forked/golang/expansion: `$(NAME)` is replaced if known, `$$` is a dollar. */
export function expand(text: string, values: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (all, kind: string, name?: string) => {
    if (kind === '$') return '$';
    return values(name!) ?? all;
  });
}

/** The keys of a config map or secret, decoded; undefined if it is optional and not there. */
function source(
  scope: PodScope,
  kind: 'configmaps' | 'secrets',
  ref: { name?: string; optional?: boolean },
): Record<string, string> | undefined {
  const namespace = scope.worker.namespace;
  const found = scope.world.client.get(kind, namespace, ref.name ?? '');
  if (!found) {
    if (ref.optional) return undefined;
    throw new ConfigError(`${kind.slice(0, -1)} "${ref.name}" not found`);
  }
  if (kind === 'configmaps') return (found as ConfigMap).data ?? {};
  return Object.fromEntries(Object.entries((found as Secret).data ?? {}).map(([key, value]) => [key, decode(value)]));
}

function keyValue(
  scope: PodScope,
  kind: 'configmaps' | 'secrets',
  ref: { name?: string; key: string; optional?: boolean },
): string | undefined {
  const data = source(scope, kind, ref);
  if (data && Object.hasOwn(data, ref.key)) return data[ref.key]!;
  if (ref.optional) return undefined;
  const title = kind === 'configmaps' ? 'ConfigMap' : 'Secret';
  throw new ConfigError(`couldn't find key ${ref.key} in ${title} ${scope.worker.namespace}/${ref.name}`);
}

/** makeEnvironmentVariables: what the pod's spec and the services around it give a container. Throws ConfigError. */
export function containerEnvironment(scope: PodScope, container: Container): Record<string, string> {
  const pod = scope.pod!;
  const podIP = pod.spec!.hostNetwork ? scope.machine.internalIP : (scope.sandbox()?.ip ?? '');
  const sources = { pod, machine: scope.machine, podIP };
  const services = serviceEnvironment(
    scope.world.client,
    scope.worker.namespace,
    pod.spec!.enableServiceLinks !== false,
  );
  const env: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? source(scope, 'configmaps', configMapRef)
      : secretRef && source(scope, 'secrets', secretRef);
    for (const key of Object.keys(data ?? {}).sort()) env[prefix + key] = data![key]!;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    let result: string | undefined = '';
    if (value) result = expand(value, (other) => env[other] ?? services[other]);
    else if (valueFrom?.fieldRef) result = fieldValue(sources, valueFrom.fieldRef.fieldPath);
    else if (valueFrom?.resourceFieldRef) result = resourceValue(sources, container, valueFrom.resourceFieldRef);
    else if (valueFrom?.configMapKeyRef) result = keyValue(scope, 'configmaps', valueFrom.configMapKeyRef);
    else if (valueFrom?.secretKeyRef) result = keyValue(scope, 'secrets', valueFrom.secretKeyRef);
    if (result !== undefined) env[name] = result;
  }
  return { ...env, ...Object.fromEntries(Object.entries(services).filter(([key]) => !Object.hasOwn(env, key))) };
}
