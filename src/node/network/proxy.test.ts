import { expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../types/objects.ts';
import { iptablesSaved } from '../programs/iptables-command.ts';
import { ipset, ipvsadm } from '../programs/ipvsadm.ts';
import { nft } from '../programs/nft.ts';
import { testHost } from '../testing.ts';
import { linksOf } from './links.ts';
import { hashed } from './nftables.ts';

const service = (name: string, clusterIP: string, more: object): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'ns1', uid: name },
  spec: { clusterIP, type: 'ClusterIP', ports: [{ name: 'p80', port: 80, protocol: 'TCP' }], ...more },
});
const slice = (name: string, ...addresses: string[]): EndpointSlice => ({
  addressType: 'IPv4',
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'ns1', labels: { 'kubernetes.io/service-name': name } },
  ports: [{ name: 'p80', port: 80, protocol: 'TCP' }],
  endpoints: addresses.map((address) => ({ addresses: [address] })),
});

function machine(mode: string) {
  const objects = {
    services: [
      service('svc2', '10.96.0.20', {
        type: 'NodePort',
        ports: [{ name: 'p80', port: 80, protocol: 'TCP', nodePort: 30_080 }],
        sessionAffinity: 'ClientIP',
      }),
      service('svc1', '10.96.0.3', {}),
      service('none', '10.96.0.4', {}),
    ],
    'endpointslices.discovery.k8s.io': [slice('svc2', '10.180.0.12', '10.180.0.2'), slice('svc1', '10.180.0.1')],
  };
  const { host, run } = testHost({ objects });
  host.proxyMode = () => mode;
  const call = (program: typeof nft, line: string) => run((c) => program(host, c), { argv: line.split(' ') });
  return { host, call };
}

test('ipvsadm lists services with their endpoints, at node ports too', () => {
  const { call } = machine('ipvs');
  expect(call(ipvsadm, 'ipvsadm -Ln').stdout).toBe(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.96.0.3:80 rr
  -> 10.180.0.1:80                Masq    1      0          0         
TCP  10.96.0.4:80 rr
TCP  10.96.0.20:80 rr persistent 10800
  -> 10.180.0.2:80                Masq    1      0          0         
  -> 10.180.0.12:80               Masq    1      0          0         
TCP  192.168.50.11:30080 rr persistent 10800
  -> 10.180.0.2:80                Masq    1      0          0         
  -> 10.180.0.12:80               Masq    1      0          0         
`);
  expect(call(ipvsadm, 'ipvsadm -ln --stats -t 10.96.0.3:80').stdout.split('\n').slice(1, -1)).toEqual([
    'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
    '  -> RemoteAddress:Port',
    'TCP  10.96.0.3:80                        0        0        0        0        0',
    '  -> 10.180.0.1:80                       0        0        0        0        0',
  ]);
  expect(call(ipvsadm, 'ipvsadm -Sn').stdout).toMatch(
    /^-A -t 10.96.0.3:80 -s rr\n-a -t 10.96.0.3:80 -r 10.180.0.1:80 -m -w 1\n/,
  );
  expect(call(ipvsadm, 'ipvsadm -Ln -t 1.1.1.1:80')).toMatchObject({ stderr: 'No such service\n', code: 255 });
});

test('the sets, the interface and the rules of ipvs mode', () => {
  const { host, call } = machine('ipvs');
  expect(call(ipset, 'ipset list KUBE-CLUSTER-IP').stdout).toMatch(
    /^Name: KUBE-CLUSTER-IP\nType: hash:ip,port\n(?:.*\n)*References: 3\nNumber of entries: 3\nMembers:\n10.96.0.20,tcp:80\n10.96.0.3,tcp:80\n10.96.0.4,tcp:80\n$/,
  );
  expect(call(ipset, 'ipset save KUBE-NODE-PORT-TCP').stdout).toBe(
    'create KUBE-NODE-PORT-TCP bitmap:port range 0-65535\nadd KUBE-NODE-PORT-TCP 30080\n',
  );
  expect(call(ipset, 'ipset list nope')).toMatchObject({ code: 1, stderr: expect.stringContaining('does not exist') });
  expect(
    linksOf(host)
      .find(({ name }) => name === 'kube-ipvs0')!
      .addresses.map(({ ip }) => ip),
  ).toEqual(['10.96.0.3', '10.96.0.4', '10.96.0.20']);
  const saved = iptablesSaved(host);
  expect(saved).toContain(
    '-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ\n',
  );
  expect(saved).toContain(
    '-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT',
  );
  expect(saved).not.toContain('KUBE-SVC-');
});

test('the table of nftables mode', () => {
  // From TestOverallNFTablesRules of pkg/proxy/nftables.
  expect(hashed('ns1/svc1/tcp/p80')).toBe('ULMVA6XW-ns1/svc1/tcp/p80');
  expect(hashed('ns1/svc1/tcp/p80__10.180.0.1/80')).toBe('5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80');
  const { host, call } = machine('nftables');
  const text = call(nft, 'nft list ruleset').stdout;
  expect(text).toContain(`	map service-nodeports {
		type inet_proto . inet_service : verdict
		comment "NodePort traffic"
		elements = { tcp . 30080 : goto external-${hashed('ns1/svc2/tcp/p80')} }
	}
`);
  expect(text).toContain('elements = { 10.96.0.4 . tcp . 80 comment "ns1/none:p80" : goto reject-chain }\n');
  expect(text).toContain('elements = { 10.96.0.3, 10.96.0.4,\n\t\t\t     10.96.0.20 }\n');
  expect(text).toContain('flags dynamic,timeout\n\t\ttimeout 3h\n');
  expect(call(nft, 'nft list chain ip kube-proxy service-ULMVA6XW-ns1/svc1/tcp/p80').stdout).toBe(
    'table ip kube-proxy {\n\tchain service-ULMVA6XW-ns1/svc1/tcp/p80 {\n\t\tip daddr 10.96.0.3 tcp dport 80 ip saddr != 0.0.0.0/0 jump mark-for-masquerade\n\t\tnumgen random mod 1 vmap { 0 : goto endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80 }\n\t}\n}\n',
  );
  expect(call(nft, 'nft list table ip nope').stderr).toBe(
    'Error: No such file or directory\nlist table ip nope\n              ^^^^\n',
  );
  expect(iptablesSaved(host)).not.toContain('KUBE-SERVICES');
});

test('in iptables mode there is nothing of the others', () => {
  const { host, call } = machine('iptables');
  expect(call(ipvsadm, 'ipvsadm').stdout.split('\n')).toHaveLength(4);
  expect(call(ipset, 'ipset list').stdout).toBe('');
  expect(call(nft, 'nft list ruleset').stdout).toBe('');
  expect(iptablesSaved(host)).toContain('KUBE-SVC-');
});
