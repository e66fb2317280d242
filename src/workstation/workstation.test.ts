import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../cluster/config.ts';
import { makeSnapshot, openSnapshot } from '../cluster/in-memory.ts';
import { Workstation } from './workstation.ts';

let snapshot: string;

beforeAll(async () => {
  const config = validateConfig(parse(readFileSync('fixtures/clusters/kubeadm.yaml', 'utf8')), 'kubeadm');
  config.spec.clock = { ...config.spec.clock, mode: 'manual' };
  config.spec.seed = 1;
  snapshot = await makeSnapshot({ config });
}, 60_000);

const workstation = (options = {}): Promise<Workstation> => Workstation.open(openSnapshot(snapshot), options);

describe('a workstation', () => {
  test.each([
    [
      'kubectl get nodes',
      'NAME         STATUS   ROLES           AGE   VERSION\nk8s-master   Ready    control-plane   5m    v1.33.13\nnode-1       Ready    <none>          5m    v1.33.13\nnode-2       Ready    <none>          5m    v1.33.13\n',
    ],
    ['kubectl get nodes -o name | grep -c node-', '2\n'],
    ['for n in a b; do kubectl create ns $n; done', 'namespace/a created\nnamespace/b created\n'],
    [
      'kubectl create cm a --from-literal=k=v --dry-run=client -o yaml | kubectl apply -f - && kubectl get cm a -o jsonpath={.data.k}',
      'configmap/a created\nv',
    ],
    [
      'kubectl apply -f - <<EOF\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "$USER"}\nEOF',
      'configmap/user created\n',
    ],
    [
      'kubectl config current-context; kubectl config view --minify | grep namespace',
      'kubeadm\n    namespace: kube-public\n',
    ],
    ['kubectl get pod nope', 'Error from server (NotFound): pods "nope" not found\n', 1],
    ['nope', 'bash: nope: command not found\n', 127],
    ["ssh node-1 'hostname; id -un'", 'node-1\nroot\n'],
    ["kubectl get ns -o name | ssh node-1 'cat > /tmp/x; wc -l < /tmp/x'", '5\n'],
    ["ssh node-1 'pidof kubelet; pgrep kubelet'", '812\n812\n'],
    ['ssh nope id', 'ssh: Could not resolve hostname nope: Name or service not known\n', 255],
    ['KUBEMU_NODE=node-1 crictl ps -q | wc -l', '3\n'],
    ['crictl ps --name etcd -q | wc -l', '1\n'],
    ['kubemu advance 10m', 'It is 2026-01-01T00:10:00Z in the cluster.\n'],
    [
      'kubemu advance',
      'error: say how long, or until when: kubemu advance 10m, or kubemu advance --until-settled\n',
      1,
    ],
    ['kubemu node stop nope', 'error: there is no node named nope: there are k8s-master, node-1, node-2\n', 1],
    [
      'kubemu create cluster',
      'error: kubemu create is not for this simulated machine: advance, node, status, ssh, crictl, kubectl are\n',
      1,
    ],
    [
      'curl -s http://example.com/',
      'curl: (6) Could not resolve host: example.com: this simulated machine has no network. Try from a pod (kubectl exec) or from a node (ssh NODE curl ...)\n',
      6,
    ],
    [
      'kubectl create deploy web --image=nginx; kubectl rollout status deploy web >/dev/null; KUBE_EDITOR="sed -i s/nginx/httpd/" kubectl edit deploy web; kubectl get deploy web -o jsonpath={..image}',
      'deployment.apps/web created\ndeployment.apps/web edited\nhttpd',
    ],
    [
      'kubectl create cm c; kubectl get cm c -o yaml | sed "\\$a data: {k: v}" > c.yaml; kubectl diff -f c.yaml | grep ^+..k',
      'configmap/c created\n+  k: v\n',
    ],
    ['while sleep 3600; do :; done', 'kubemu: this had not ended after a day and was stopped\n', 137],
    ['exit 3', '', 3],
    ["kubectl get pods 'a", "bash: unexpected EOF while looking for matching `''\n", 2],
  ])('%s', async (line, output, code = 0) => {
    const ran = await (await workstation({ namespace: 'kube-public' })).run(line);
    expect({ output: ran.output, code: ran.code }).toEqual({ output, code });
  });

  test('remembers folder, variables, functions and files from line to line, on each machine', async () => {
    const at = await workstation({ files: { 'pods/web.yaml': 'kind: Pod\n' } });
    await at.run('cd pods; x=1; export Y=2; f() { echo "f $1"; }; alias k=kubectl; false');
    expect((await at.run("echo $? $PWD $x; ls; f 7; sh -c 'echo $Y'; k config current-context")).output).toBe(
      '1 /home/user/pods 1\nweb.yaml\nf 7\n2\nkubeadm\n',
    );
    await at.run('cd /etc/kubernetes', { node: 'node-1' });
    expect((await at.run('pwd; echo .$x', { node: 'node-1' })).output).toBe('/etc/kubernetes\n.\n');
    expect((await at.run('pwd', { node: 'node-1', user: 'me' })).output).toBe('/\n');
    expect(at.files.read('/home/user/pods/web.yaml')).toBe('kind: Pod\n');
  });

  test('each command takes the time that it takes in a process of its own', async () => {
    const at = await workstation();
    await at.run('kubectl get nodes; kubectl get pods | cat; kubectl version --client');
    expect((await at.run('date +%s.%N')).stdout).toBe('1767225600.200000000\n');
  });
});
