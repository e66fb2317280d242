import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cluster } from './machines.ts';

/** What a candidate of the CKA is asked to do, as a list: commands, `@SECONDS` that pass, and what must be seen after a command. */
type Step = [node: string, command: string, shows?: RegExp] | number;

const MASTER = 'k8s-master';
const CERTIFICATES =
  '--endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key';

const TASKS: Record<string, Step[]> = {
  'back up and restore etcd': [
    [MASTER, 'kubectl create deployment before --image=nginx'],
    20,
    [
      MASTER,
      `ETCDCTL_API=3 etcdctl ${CERTIFICATES} snapshot save /opt/backup.db`,
      /Snapshot saved at \/opt\/backup.db/,
    ],
    [MASTER, 'etcdutl snapshot status /opt/backup.db -w table', /REVISION/],
    [
      MASTER,
      'etcdutl snapshot status /opt/backup.db -w json',
      /^\{"hash":\d+,"revision":\d+,"totalKey":\d+,"totalSize":\d+\}$/m,
    ],
    [MASTER, 'kubectl delete deployment before && kubectl create deployment after --image=nginx'],
    20,
    [MASTER, 'kubectl get deployments', /after +1\/1/],
    [MASTER, 'etcdutl snapshot restore /opt/backup.db --data-dir /var/lib/etcd-backup'],
    [MASTER, "sed -i 's#path: /var/lib/etcd$#path: /var/lib/etcd-backup#' /etc/kubernetes/manifests/etcd.yaml"],
    60,
    [MASTER, 'kubectl get deployments', /^before +1\/1/m],
    [MASTER, 'kubectl get deployments -o name | wc -l', /^1$/m],
    [MASTER, 'kubectl get pods', /before-\S+ +1\/1 +Running/],
  ],
  'upgrade the control plane and its kubelet': [
    [MASTER, 'apt-get install -y kubeadm=1.33.14-1.1'],
    [MASTER, 'kubeadm upgrade plan', /kubeadm upgrade apply v1\.33\.14/],
    [
      MASTER,
      'kubeadm upgrade apply v1.33.14 -y',
      /SUCCESS! A control plane node of your cluster was upgraded to "v1\.33\.14"/,
    ],
    60,
    [MASTER, 'kubectl drain k8s-master --ignore-daemonsets', /node\/k8s-master drained/],
    [MASTER, 'apt-get install -y kubelet=1.33.14-1.1 && systemctl daemon-reload && systemctl restart kubelet'],
    [MASTER, 'kubectl uncordon k8s-master'],
    15,
    [MASTER, 'kubectl get nodes', /k8s-master +Ready +control-plane +\S+ +v1\.33\.14/],
    [MASTER, 'kubectl get pods -n kube-system -o jsonpath={..image}', /kube-scheduler:v1\.33\.14/],
  ],
  'take a node out and join it again': [
    [MASTER, 'kubectl drain node-2 --ignore-daemonsets && kubectl delete node node-2'],
    ['node-2', 'kubeadm reset -f', /Stopping the kubelet service/],
    10,
    [MASTER, 'kubectl get nodes -o name | wc -l', /^2$/m],
    [MASTER, 'kubeadm token create abcdef.0123456789abcdef'],
    [
      'node-2',
      'kubeadm join 192.168.50.10:6443 --token abcdef.0123456789abcdee --discovery-token-unsafe-skip-ca-verification || true',
      /couldn't validate the identity/,
    ],
    [
      'node-2',
      'kubeadm join 192.168.50.10:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification',
      /This node has joined the cluster/,
    ],
    30,
    [MASTER, 'kubectl get nodes', /node-2 +Ready/],
  ],
  'join with the authority pinned': [
    ['node-1', 'kubeadm reset -f'],
    [MASTER, 'kubectl delete node node-1 && kubeadm token create abcdef.0123456789abcdef'],
    [
      MASTER,
      `ssh_join=$(kubeadm token create --print-join-command); echo $ssh_join`,
      /--discovery-token-ca-cert-hash sha256:[0-9a-f]{64}/,
    ],
    [
      'node-1',
      'kubeadm join 192.168.50.10:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:00 || true',
      /cluster CA found in cluster-info ConfigMap is invalid/,
    ],
  ],
  'write a manifest anew that is spoilt': [
    [
      MASTER,
      "cp /etc/kubernetes/manifests/kube-scheduler.yaml /root/ && sed -i 's/^spec:/ spec/' /etc/kubernetes/manifests/kube-scheduler.yaml",
    ],
    60,
    [MASTER, 'kubeadm init phase control-plane scheduler', /Creating static Pod manifest for "kube-scheduler"/],
    [MASTER, 'diff /root/kube-scheduler.yaml /etc/kubernetes/manifests/kube-scheduler.yaml'],
    60,
    [MASTER, 'kubectl get pods -n kube-system', /kube-scheduler-k8s-master +1\/1 +Running/],
  ],
  'move the folder of static pods': [
    [
      'node-1',
      'mkdir -p /srv/pods && sed -i "s#^staticPodPath:.*#staticPodPath: /srv/pods#" /var/lib/kubelet/config.yaml',
    ],
    [
      'node-1',
      'printf "apiVersion: v1\\nkind: Pod\\nmetadata: { name: own }\\nspec: { containers: [{ name: c, image: busybox, command: [sleep, 1d] }] }\\n" > /srv/pods/own.yaml',
    ],
    20,
    [MASTER, 'kubectl get pods -o name | wc -l', /^0$/m],
    ['node-1', 'systemctl restart kubelet'],
    20,
    [MASTER, 'kubectl get pods', /own-node-1 +1\/1 +Running/],
    ['node-1', 'rm /srv/pods/own.yaml'],
    40,
    [MASTER, 'kubectl get pods -o name | wc -l', /^0$/m],
  ],
  'renew the certificates': [
    30,
    [MASTER, 'kubeadm certs check-expiration', /apiserver +Dec 31, 2026/],
    [MASTER, 'kubeadm certs renew apiserver', /certificate for serving the Kubernetes API renewed/],
    [
      MASTER,
      'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -enddate',
      /notAfter=Jan {1,2}1 00:00:\d\d 2027 GMT/,
    ],
  ],
};

test.each(Object.entries(TASKS))('%s', async (_, steps) => {
  const cluster = await Cluster.create(join(import.meta.dirname, '../../fixtures/clusters/kubeadm.yaml'), 'kubeadm');
  try {
    for (const step of steps) {
      if (typeof step === 'number') await cluster.advance(step * 1000);
      else {
        const [node, command, shows] = step;
        const { stdout, stderr, code } = await cluster.run(node, command);
        expect(code, `${command}: ${stderr}`).toBe(0);
        if (shows) expect(`${stdout}${stderr}`, command).toMatch(shows);
      }
    }
  } finally {
    cluster.remove();
  }
});
