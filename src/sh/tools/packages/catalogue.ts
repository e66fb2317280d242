import { fnv1a32 } from '../../../base/hash.ts';

/** A package: the programs that it brings, under the name that each family of distributions knows it by. */
interface Listed {
  /** Debian's and Ubuntu's names; the first is the real one, others are taken for it. */
  deb?: string[];
  apk?: string[];
  rpm?: string[];
  /** Folders are where Debian has them. */
  programs: string[];
}

const CATALOGUE: Listed[] = [
  { deb: ['curl'], apk: ['curl'], rpm: ['curl'], programs: ['/usr/bin/curl'] },
  { deb: ['wget'], apk: ['wget'], rpm: ['wget'], programs: ['/usr/bin/wget'] },
  { deb: ['vim'], apk: ['vim'], rpm: ['vim-enhanced', 'vim'], programs: ['/usr/bin/vim', '/usr/bin/vi'] },
  { deb: ['nano'], apk: ['nano'], rpm: ['nano'], programs: ['/usr/bin/nano'] },
  { deb: ['less'], apk: ['less'], rpm: ['less'], programs: ['/usr/bin/less'] },
  {
    deb: ['procps'],
    apk: ['procps'],
    rpm: ['procps-ng'],
    programs: ['/usr/bin/ps', '/usr/bin/top', '/usr/bin/free', '/usr/bin/uptime', '/usr/bin/pgrep', '/usr/bin/pkill'],
  },
  { deb: ['iputils-ping', 'inetutils-ping'], apk: ['iputils'], rpm: ['iputils'], programs: ['/usr/bin/ping'] },
  {
    deb: ['dnsutils', 'bind9-dnsutils'],
    apk: ['bind-tools'],
    rpm: ['bind-utils'],
    programs: ['/usr/bin/dig', '/usr/bin/nslookup', '/usr/bin/host'],
  },
  { deb: ['bind9-host'], programs: ['/usr/bin/host'] },
  {
    deb: ['net-tools'],
    apk: ['net-tools'],
    rpm: ['net-tools'],
    programs: ['/usr/bin/netstat', '/usr/sbin/ifconfig', '/usr/sbin/route'],
  },
  { deb: ['iproute2'], apk: ['iproute2'], rpm: ['iproute'], programs: ['/usr/bin/ip', '/usr/bin/ss'] },
  {
    deb: ['netcat-openbsd', 'netcat-traditional', 'netcat'],
    apk: ['netcat-openbsd'],
    rpm: ['nmap-ncat', 'nc'],
    programs: ['/usr/bin/nc'],
  },
  { deb: ['telnet', 'inetutils-telnet'], apk: ['busybox-extras'], rpm: ['telnet'], programs: ['/usr/bin/telnet'] },
  { deb: ['redis-tools'], apk: ['redis'], rpm: ['redis'], programs: ['/usr/bin/redis-cli'] },
  {
    deb: ['postgresql-client'],
    apk: ['postgresql-client', 'postgresql16-client', 'postgresql17-client'],
    rpm: ['postgresql'],
    programs: ['/usr/bin/psql', '/usr/bin/pg_isready'],
  },
  {
    deb: ['default-mysql-client', 'mariadb-client', 'mysql-client'],
    apk: ['mysql-client', 'mariadb-client'],
    rpm: ['mariadb', 'mysql'],
    programs: ['/usr/bin/mysql', '/usr/bin/mysqladmin'],
  },
  { deb: ['python3'], apk: ['python3'], rpm: ['python3'], programs: ['/usr/bin/python3'] },
  { apk: ['bash'], programs: ['/bin/bash'] },
  { deb: ['openssl'], apk: ['openssl'], rpm: ['openssl'], programs: ['/usr/bin/openssl'] },
  { deb: ['ca-certificates'], apk: ['ca-certificates'], rpm: ['ca-certificates'], programs: [] },
  { deb: ['apt-transport-https'], programs: [] },
  { deb: ['gnupg', 'gnupg2'], apk: ['gnupg'], rpm: ['gnupg2'], programs: ['/usr/bin/gpg'] },
  { deb: ['git'], apk: ['git'], rpm: ['git'], programs: ['/usr/bin/git'] },
  { deb: ['jq'], apk: ['jq'], rpm: ['jq'], programs: ['/usr/bin/jq'] },
  { deb: ['tree'], apk: ['tree'], rpm: ['tree'], programs: ['/usr/bin/tree'] },
  { deb: ['tcpdump'], apk: ['tcpdump'], rpm: ['tcpdump'], programs: ['/usr/bin/tcpdump'] },
  { deb: ['strace'], apk: ['strace'], rpm: ['strace'], programs: ['/usr/bin/strace'] },
  { deb: ['htop'], apk: ['htop'], rpm: ['htop'], programs: ['/usr/bin/htop'] },
  { deb: ['stress'], apk: ['stress-ng'], rpm: ['stress'], programs: ['/usr/bin/stress'] },
  { deb: ['apache2-utils'], apk: ['apache2-utils'], rpm: ['httpd-tools'], programs: ['/usr/bin/ab'] },
];

/** How a distribution numbers its packages. */
export type Family = 'deb' | 'apk' | 'rpm';

export interface Package {
  name: string;
  version: string;
  /** Bytes to be fetched. */
  size: number;
  programs: string[];
}

/** What there is of a name; the numbers are made up, yet always the same. */
export function findPackage(family: Family, name: string): Package | undefined {
  const listed = CATALOGUE.find((each) => each[family]?.includes(name));
  if (!listed) return undefined;
  const hash = fnv1a32(`${family} ${name}`);
  const number = `${1 + (hash % 9)}.${(hash >>> 4) % 30}.${(hash >>> 9) % 10}`;
  const release = {
    deb: `${number}-${1 + (hash % 4)}`,
    apk: `${number}-r${hash % 6}`,
    rpm: `${number}-${1 + (hash % 9)}`,
  };
  return { name, version: release[family], size: 40_000 + (hash % 900_000), programs: listed.programs };
}
