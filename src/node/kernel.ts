import type { NodeHost } from './host.ts';

/** What the kernel of a virtual machine says when it boots, in seconds since then. */
export function kernelLines(host: NodeHost): [seconds: number, text: string][] {
  const { kernelVersion, capacity } = host.record();
  const memory = capacity.memory?.replace(/Ki$/, 'K') ?? '4015104K';
  return [
    [
      0,
      `Linux version ${kernelVersion} (buildd@lcy02-amd64) (x86_64-linux-gnu-gcc-13, GNU ld 2.42) #79-Ubuntu SMP PREEMPT_DYNAMIC`,
    ],
    [
      0,
      `Command line: BOOT_IMAGE=/boot/vmlinuz-${kernelVersion} root=LABEL=cloudimg-rootfs ro console=tty1 console=ttyS0`,
    ],
    [0, 'KERNEL supported cpus:'],
    [0, 'DMI: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.3 04/01/2014'],
    [0, 'Hypervisor detected: KVM'],
    [0.031, `Memory: ${memory}/${memory} available`],
    [0.172, 'smp: Brought up 1 node, 2 CPUs'],
    [0.417, 'NET: Registered PF_INET protocol family'],
    [1.206, 'Run /init as init process'],
    [2.318, 'EXT4-fs (sda1): mounted filesystem ro with ordered data mode. Quota mode: none.'],
    [3.044, 'systemd[1]: Detected virtualization kvm.'],
    [3.046, `systemd[1]: Hostname set to <${host.name}>.`],
    [5.871, 'EXT4-fs (sda1): re-mounted rw. Quota mode: none.'],
    [
      9.402,
      'bridge: filtering via arp/ip/ip6tables is no longer available by default. Update your scripts to load br_netfilter if you need this.',
    ],
    [9.418, 'Bridge firewalling registered'],
    [11.937, 'IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready'],
  ];
}
