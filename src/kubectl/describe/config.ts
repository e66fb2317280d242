import type { ConfigMap, Secret, ServiceAccount } from '../../types/objects.ts';
import { writeEvents, writeEventsOf } from './events.ts';
import { writeMeta } from './format.ts';
import { type Describer, findEvents } from './source.ts';
import { DescribeWriter } from './writer.ts';

const decode = (base64: string): Buffer => Buffer.from(base64, 'base64');
const TOKEN_TYPE = 'kubernetes.io/service-account-token';

/** Source: describeSecret. Values are never shown, but for a service account's token. Go's order is random; ours is sorted. */
export const describeSecret: Describer<Secret> = async (secret) => {
  const w = new DescribeWriter();
  writeMeta(w, secret);
  w.write(0, `\nType:\t${secret.type}\n`);
  w.write(0, '\nData\n====\n');
  for (const key of Object.keys(secret.data ?? {}).sort()) {
    const value = decode(secret.data![key]!);
    w.row(0, key, key === 'token' && secret.type === TOKEN_TYPE ? value.toString() : `${value.length} bytes`);
  }
  return w.toString();
};

/** Source: ConfigMapDescriber. */
export const describeConfigMap: Describer<ConfigMap> = async (map, source) => {
  const w = new DescribeWriter();
  writeMeta(w, map);
  w.write(0, '\nData\n====\n');
  for (const key of Object.keys(map.data ?? {}).sort()) w.write(0, `${key}:\n----\n${map.data?.[key]}\n\n`);
  w.write(0, '\nBinaryData\n====\n');
  for (const key of Object.keys(map.binaryData ?? {}).sort())
    w.write(0, `${key}: ${decode(map.binaryData![key]!).length} bytes\n`);
  w.write(0, '\n');
  return writeEventsOf(w, map, source);
};

/** Source: describeServiceAccount. */
export const describeServiceAccount: Describer<ServiceAccount> = async (account, source) => {
  const w = new DescribeWriter();
  const { name, namespace, uid } = account.metadata;
  writeMeta(w, account);
  const secrets = await source.list<Secret>(`/api/v1/namespaces/${namespace}/secrets`).catch(() => undefined);
  const known = new Set(secrets?.map((s) => s.metadata.name));
  const missing = (secret: string) => secrets !== undefined && !known.has(secret);
  const belongs = (s: Secret) =>
    s.type === TOKEN_TYPE &&
    s.metadata.annotations?.['kubernetes.io/service-account.name'] === name &&
    s.metadata.annotations?.['kubernetes.io/service-account.uid'] === uid;
  const names = (list: { name?: string }[] | undefined) => list?.map((s) => s.name ?? '') ?? [];
  const rows: [string, string[]][] = [
    ['Image pull secrets:', names(account.imagePullSecrets)],
    ['Mountable secrets: ', names(account.secrets)],
    ['Tokens:            ', names(secrets?.filter(belongs).map((s) => s.metadata))],
  ];
  for (const [header, list] of rows) {
    if (!list.length) w.cells(0, header, '<none>');
    list.forEach((secret, i) => {
      w.cells(0, i ? ' '.repeat(header.length) : header, missing(secret) ? `${secret} (not found)` : secret);
    });
  }
  writeEvents(w, await findEvents(account, source), source.now());
  return w.toString();
};
