import { formatSelector } from '../../api/machinery/selectors.ts';
import type { EndpointSlice, Endpoints, Ingress, KubeObject, NetworkPolicy, Service } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import { formatLabels, rfc1123z, writeAnnotations, writeLabels, writeMeta } from './format.ts';
import type { Describer, DescribeSource } from './source.ts';
import { DescribeWriter } from './writer.ts';

const MAX_ENDPOINTS = 3;
const hostPort = (host: string, port: number | undefined): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Ready addresses behind a port: three, and how many more. Slices without ports count for every port. */
function readyEndpoints(slices: EndpointSlice[], portName: string): string {
  if (!slices.length) return '<none>';
  const all = slices.flatMap((slice) => {
    const ready = (slice.endpoints ?? []).filter((e) => e.conditions?.ready !== false).map((e) => e.addresses[0]!);
    if (!slice.ports?.length) return ready;
    return slice.ports
      .filter((p) => (p.name ?? '') === portName)
      .flatMap((p) => ready.map((address) => hostPort(address, p.port)));
  });
  const shown = all.slice(0, MAX_ENDPOINTS).join(',');
  return all.length > MAX_ENDPOINTS ? `${shown} + ${all.length - MAX_ENDPOINTS} more...` : shown;
}

const slicesOf = (namespace: string | undefined, service: string, source: DescribeSource): Promise<EndpointSlice[]> =>
  source.list<EndpointSlice>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    { labelSelector: `kubernetes.io/service-name=${service}` },
    { whole: true },
  );

/** Source: describeService. */
export const describeService: Describer<Service> = async (service, source) => {
  const w = new DescribeWriter();
  const { spec, status } = service;
  const slices = await slicesOf(service.metadata.namespace, service.metadata.name ?? '', source).catch(() => []);
  writeMeta(w, service);
  w.row(0, 'Selector', formatLabels(spec?.selector));
  w.row(0, 'Type', spec?.type ?? '');
  if (spec?.ipFamilyPolicy) w.row(0, 'IP Family Policy', spec.ipFamilyPolicy);
  w.row(0, 'IP Families', spec?.ipFamilies?.join(',') || '<none>');
  w.row(0, 'IP', spec?.clusterIP ?? '');
  w.row(0, 'IPs', spec?.clusterIPs?.join(',') || '<none>');
  if (spec?.externalIPs?.length) w.row(0, 'External IPs', spec.externalIPs.join(','));
  if (spec?.loadBalancerIP) w.row(0, 'Desired LoadBalancer IP', spec.loadBalancerIP);
  if (spec?.externalName) w.row(0, 'External Name', spec.externalName);
  const ingress = status?.loadBalancer?.ingress?.map((i) =>
    i.ip ? `${i.ip}${i.ipMode ? ` (${i.ipMode})` : ''}` : (i.hostname ?? ''),
  );
  if (ingress?.length) w.row(0, 'LoadBalancer Ingress', ingress.join(', '));
  for (const port of spec?.ports ?? []) {
    const name = port.name || '<unset>';
    w.row(0, 'Port', `${name}\t${port.port}/${port.protocol}`);
    w.row(0, 'TargetPort', `${port.targetPort ?? 0}/${port.protocol}`);
    if (port.nodePort) w.row(0, 'NodePort', `${name}\t${port.nodePort}/${port.protocol}`);
    w.row(0, 'Endpoints', readyEndpoints(slices, port.name ?? ''));
  }
  w.row(0, 'Session Affinity', spec?.sessionAffinity ?? '');
  if (spec?.externalTrafficPolicy) w.row(0, 'External Traffic Policy', spec.externalTrafficPolicy);
  if (spec?.internalTrafficPolicy) w.row(0, 'Internal Traffic Policy', spec.internalTrafficPolicy);
  if (spec?.healthCheckNodePort) w.row(0, 'HealthCheck NodePort', spec.healthCheckNodePort);
  if (spec?.loadBalancerSourceRanges?.length)
    w.row(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges.join(','));
  return writeEventsOf(w, service, source);
};

/** Source: describeEndpoints. */
export const describeEndpoints: Describer<Endpoints> = async (endpoints, source) => {
  const w = new DescribeWriter();
  writeMeta(w, endpoints);
  const ips = (list: { ip: string }[] | undefined) => list?.map((a) => a.ip).join(',') || '<none>';
  w.write(0, 'Subsets:\n');
  for (const subset of endpoints.subsets ?? []) {
    w.row(1, 'Addresses', ips(subset.addresses));
    w.row(1, 'NotReadyAddresses', ips(subset.notReadyAddresses));
    if (subset.ports?.length) {
      w.write(1, 'Ports:\n');
      w.head(2, ['Name', 'Port', 'Protocol']);
      for (const p of subset.ports) w.cells(2, p.name || '<unset>', p.port, p.protocol ?? '');
    }
    w.write(0, '\n');
  }
  return writeEventsOf(w, endpoints, source);
};

/** Source: describeEndpointSliceV1. */
export const describeEndpointSlice: Describer<EndpointSlice> = async (slice, source) => {
  const w = new DescribeWriter();
  writeMeta(w, slice);
  w.row(0, 'AddressType', slice.addressType);
  if (!slice.ports?.length) w.write(0, 'Ports: <unset>\n');
  else {
    w.write(0, 'Ports:\n');
    w.head(1, ['Name', 'Port', 'Protocol']);
    for (const p of slice.ports) w.cells(1, p.name || '<unset>', p.port ?? '<unset>', p.protocol ?? '');
  }
  w.write(0, slice.endpoints?.length ? 'Endpoints:\n' : 'Endpoints: <none>\n');
  for (const e of slice.endpoints ?? []) {
    w.row(1, '- Addresses', e.addresses.join(', ') || '<none>');
    w.write(2, 'Conditions:\n');
    w.row(3, 'Ready', e.conditions?.ready ?? '<unset>');
    w.row(2, 'Hostname', e.hostname ?? '<unset>');
    if (e.targetRef) w.row(2, 'TargetRef', `${e.targetRef.kind}/${e.targetRef.name}`);
    w.row(2, 'NodeName', e.nodeName ?? '<unset>');
    w.row(2, 'Zone', e.zone ?? '<unset>');
  }
  return writeEventsOf(w, slice, source);
};

type Backend = NonNullable<NonNullable<Ingress['spec']>['defaultBackend']>;

/** `web:80 (10.244.1.2:80)`, or why it has none. */
async function backendText(namespace: string | undefined, backend: Backend, source: DescribeSource): Promise<string> {
  if (backend.resource) {
    const { apiGroup = '<none>', kind, name } = backend.resource;
    return `APIGroup: ${apiGroup}, Kind: ${kind}, Name: ${name}`;
  }
  if (!backend.service) return '';
  const { name, port } = backend.service;
  const label = `${name}:${port?.number || port?.name || ''}`;
  try {
    const slices = await slicesOf(namespace, name, source);
    const service = await source.get<Service>(`/api/v1/namespaces/${namespace}/services/${name}`);
    const match = service.spec?.ports?.findLast((p) =>
      port?.number ? p.port === port.number : !!port?.name && p.name === port.name,
    );
    return `${label} (${readyEndpoints(slices, match?.name ?? '')})`;
  } catch (e) {
    return `${label} (<error: ${(e as Error).message}>)`;
  }
}

/** Source: describeIngressV1. */
export const describeIngress: Describer<Ingress> = async (ingress, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = ingress;
  const addresses = new Set(status?.loadBalancer?.ingress?.map((i) => i.ip || i.hostname || '').filter(Boolean));
  const backend = (b: Backend) => backendText(metadata.namespace, b, source);
  w.row(0, 'Name', metadata.name);
  writeLabels(w, 'Labels', metadata.labels);
  w.row(0, 'Namespace', metadata.namespace);
  w.row(0, 'Address', [...addresses].sort().join(','));
  w.row(0, 'Ingress Class', spec?.ingressClassName ?? '<none>');
  const fallback = spec?.defaultBackend ? await backend(spec.defaultBackend) : '<default>';
  w.row(0, 'Default backend', fallback);
  if (spec?.tls?.length) w.write(0, 'TLS:\n');
  for (const t of spec?.tls ?? []) {
    const hosts = (t.hosts ?? []).join(',');
    w.write(1, t.secretName ? `${t.secretName} terminates ${hosts}\n` : `SNI routes ${hosts}\n`);
  }
  w.write(0, 'Rules:\n');
  w.head(1, ['Host', 'Path', 'Backends']);
  const rules = (spec?.rules ?? []).filter((r) => r.http);
  for (const rule of rules) {
    w.write(1, `${rule.host || '*'}\t\n`);
    for (const path of rule.http?.paths ?? []) w.write(2, `\t${path.path ?? ''} \t${await backend(path.backend)}\n`);
  }
  if (!rules.length) w.cells(1, '*', '*', fallback);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  return writeEventsOf(w, ingress, source);
};

type Peer = NonNullable<
  NonNullable<NonNullable<NonNullable<NetworkPolicy['spec']>['ingress']>[number]['from']>[number]
>;
type PolicyPort = { port?: unknown; endPort?: number; protocol?: string };
const POLICY_INDENT = '    ';

function writePeer(w: DescribeWriter, peer: Peer): void {
  if (peer.namespaceSelector)
    w.write(1, `${POLICY_INDENT}NamespaceSelector: ${formatSelector(peer.namespaceSelector)}\n`);
  if (peer.podSelector) w.write(1, `${POLICY_INDENT}PodSelector: ${formatSelector(peer.podSelector)}\n`);
  if (peer.ipBlock && !peer.podSelector && !peer.namespaceSelector) {
    w.write(1, `${POLICY_INDENT}IPBlock:\n`);
    w.write(2, `${POLICY_INDENT}CIDR: ${peer.ipBlock.cidr}\n`);
    w.write(2, `${POLICY_INDENT}Except: ${(peer.ipBlock.except ?? []).join(', ')}\n`);
  }
}

/** One direction's rules: the same layout with other words. */
function writePolicyRules(
  w: DescribeWriter,
  rules: { ports?: PolicyPort[]; peers?: Peer[] }[],
  words: { isolated: string; peers: string; any: string },
): void {
  const line = (text: string) => w.write(0, `${POLICY_INDENT}${text}\n`);
  if (!rules.length) return line(`<none> (Selected pods are isolated for ${words.isolated} connectivity)`);
  rules.forEach((rule, i) => {
    if (!rule.ports?.length) line('To Port: <any> (traffic allowed to all ports)');
    for (const { port, endPort, protocol = 'TCP' } of rule.ports ?? [])
      line(
        endPort == null ? `To Port: ${port ?? '<nil>'}/${protocol}` : `To Port Range: ${port}-${endPort}/${protocol}`,
      );
    if (!rule.peers?.length) line(`${words.peers}: <any> (traffic not restricted by ${words.any})`);
    for (const peer of rule.peers ?? []) {
      line(`${words.peers}:`);
      writePeer(w, peer);
    }
    if (i < rules.length - 1) line('----------');
  });
}

/** Source: describeNetworkPolicy. */
export const describeNetworkPolicy: Describer<NetworkPolicy> = async (policy) => {
  const w = new DescribeWriter();
  const { metadata, spec } = policy;
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Namespace', metadata.namespace);
  w.row(0, 'Created on', goTime(metadata.creationTimestamp));
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  w.write(0, 'Spec:\n');
  const selector = formatSelector(spec?.podSelector);
  w.write(1, 'PodSelector: ');
  w.write(
    2,
    selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)\n' : `${selector}\n`,
  );
  const types = spec?.policyTypes ?? [];
  if (types.includes('Ingress')) {
    w.write(1, 'Allowing ingress traffic:\n');
    const rules = (spec?.ingress ?? []).map((r) => ({
      ports: r.ports as PolicyPort[],
      peers: r.from as Peer[] | undefined,
    }));
    writePolicyRules(w, rules, { isolated: 'ingress', peers: 'From', any: 'source' });
  } else w.write(1, 'Not affecting ingress traffic\n');
  if (types.includes('Egress')) {
    w.write(1, 'Allowing egress traffic:\n');
    const rules = (spec?.egress ?? []).map((r) => ({
      ports: r.ports as PolicyPort[],
      peers: r.to as Peer[] | undefined,
    }));
    writePolicyRules(w, rules, { isolated: 'egress', peers: 'To', any: 'destination' });
  } else w.write(1, 'Not affecting egress traffic\n');
  w.write(1, `Policy Types: ${types.join(', ') || '<none>'}\n`);
  return w.toString();
};

/** Go's time.Time.String: `2026-11-21 04:13:03 +0000 UTC`. */
function goTime(time: string | undefined): string {
  const zone = /([+-]\d{4})$/.exec(rfc1123z(time))?.[1] ?? '+0000';
  const t = new Date(Date.parse(time ?? '') - new Date(Date.parse(time ?? '')).getTimezoneOffset() * 60_000);
  return `${t.toISOString().slice(0, 19).replace('T', ' ')} ${zone} ${zone === '+0000' ? 'UTC' : zone.replace('00', '')}`;
}

type Loose = KubeObject & { spec?: Record<string, unknown>; status?: { conditions?: Record<string, string>[] } };

/** Source: describeIngressClassV1. */
export const describeIngressClass: Describer<Loose> = async (ic, source) => {
  const w = new DescribeWriter();
  writeMeta(w, ic, { namespaced: false });
  w.row(0, 'Controller', ic.spec?.controller ?? '');
  const parameters = ic.spec?.parameters as { apiGroup?: string; kind: string; name: string } | undefined;
  if (parameters) {
    w.write(0, 'Parameters:\n');
    if (parameters.apiGroup != null) w.row(1, 'APIGroup', parameters.apiGroup);
    w.row(1, 'Kind', parameters.kind);
    w.row(1, 'Name', parameters.name);
  }
  return writeEventsOf(w, ic, source);
};

/** Source: describeServiceCIDRV1. */
export const describeServiceCIDR: Describer<Loose> = async (cidr, source) => {
  const w = new DescribeWriter();
  writeMeta(w, cidr, { namespaced: false });
  w.row(0, 'CIDRs', ((cidr.spec?.cidrs ?? []) as string[]).join(', '));
  if (cidr.status?.conditions?.length) {
    w.write(0, 'Status:\nConditions:\n');
    w.head(1, ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message']);
    for (const c of cidr.status.conditions)
      w.cells(1, c.type, c.status, rfc1123z(c.lastTransitionTime), c.reason ?? '', c.message ?? '');
  }
  return writeEventsOf(w, cidr, source);
};

/** Source: describeIPAddressV1. */
export const describeIPAddress: Describer<Loose> = async (address, source) => {
  const w = new DescribeWriter();
  writeMeta(w, address, { namespaced: false });
  const parent = address.spec?.parentRef as Record<string, string> | undefined;
  if (parent) {
    w.write(0, 'Parent Reference:\n');
    for (const [title, field] of [
      ['Group', 'group'],
      ['Resource', 'resource'],
      ['Namespace', 'namespace'],
      ['Name', 'name'],
    ] as const)
      w.row(1, title, parent[field] ?? '');
  }
  return writeEventsOf(w, address, source);
};
