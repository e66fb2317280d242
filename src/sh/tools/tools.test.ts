import { describe, expect, it } from 'vitest';
import { runToEnd } from '../evaluator.ts';
import type { Machine } from '../process.ts';
import { MemoryFiles, testMachine } from '../testing.ts';

const FILES = {
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  '/etc/hosts': '127.0.0.1\tlocalhost\n10.244.1.7\tbox\n',
  '/data/log': '3 warn disk\n1 info start\n2 error net\n10 info stop\n',
};

async function run(script: string, flavour: Machine['flavour']) {
  const machine = testMachine({ flavour, files: new MemoryFiles(FILES) });
  const { stdout, stderr, code, output } = await runToEnd(machine, {
    argv: ['sh', '-c', script],
    env: { PATH: '/bin', A: '1' },
    cwd: '/data',
    user: 'root',
  });
  return { out: stdout + stderr, code, seconds: output.length > 0 ? (output.at(-1)!.at - machine.now()) / 1000 : 0 };
}

describe.each<[Machine['flavour'], [script: string, out: string, code?: number, seconds?: number][]]>([
  [
    'busybox',
    [
      ['awk \'{s += $1; n[$2]++} END {print s, n["info"]}\' log', '16 2\n'],
      ['awk -F: \'$3 > 30 {printf "%-8s%5d\\n", $1, $3}\' /etc/passwd', 'www        33\nnobody  65534\n'],
      [
        'awk \'NR==2,NR==3 {print toupper(substr($2, 1, 3)); next} /stop$/ {sub(/stop/, "<&>"); print}\' log',
        'INF\nERR\n10 info <stop>\n',
      ],
      [
        'awk \'BEGIN {for (i = 1; i <= 3; i++) {if (i == 2) continue; print i, i % 2 ? "odd" : "even"}}\'',
        '1 odd\n3 odd\n',
      ],
      [
        "printf '1\\n' | sed '1a\\    - a\\n    - b'; printf '1\\n' | sed '1i   x\\ty'",
        '1\n    - a\n    - b\nx\ty\n1\n',
      ],
      ["sed -e 's/info/INFO/g' -e '/warn/d' log", '1 INFO start\n2 error net\n10 INFO stop\n'],
      [
        "sed -n '2,3p;$=' log; sed 's/\\([0-9]*\\) \\(.*\\)/\\2 \\1/;2q' log",
        '1 info start\n2 error net\n4\nwarn disk 3\ninfo start 1\n',
      ],
      [
        "sed -i '1i first' log; head -n 1 log; sed -E 's/(i)nfo|error/[\\1]/' log | tail -2",
        'first\n2 [] net\n10 [i] stop\n',
      ],
      ['tail -n +4 log; head -n -3 log; seq 3 | tail +3', '10 info stop\n3 warn disk\n3\n'],
      ['sort -n log | cut -d " " -f 1 | paste -s -d,; sort -k2,2 -k1,1nr log | head -1', '1,2,3,10\n2 error net\n'],
      [
        "grep -v info log; grep -c info log; grep -o '[a-z]*t$' log; grep -n warn log /etc/hosts; grep -q nope log; echo $?",
        '3 warn disk\n2 error net\n2\nstart\nnet\nlog:1:3 warn disk\n1\n',
      ],
      ['grep x /nope', 'grep: /nope: No such file or directory\n', 2],
      [
        'mv log /etc/hosts /nope; cp log /nope/',
        "mv: can't stat '/nope': No such file or directory\ncp: can't stat '/nope/': No such file or directory\n",
        1,
      ],
      [
        'mkdir p q; echo a > p/f; echo b > q/f; touch p/only; echo s > p/same; cp p/same q; diff -rq p q; diff p/f q',
        'Files p/f and q/f differ\nOnly in p: only\n--- p/f\n+++ q/f\n@@ -1 +1 @@\n-a\n+b\n',
        1,
      ],
      [
        'cp log l2; cmp log l2 && echo x >> l2; cmp log l2; sed -i s/disk/dusk/ l2; cmp log l2',
        'log l2 differ: char 9, line 1\ncmp: EOF on log\n',
        1,
      ],
      [
        'wc log; wc -l < log; uniq -c <<EOF\na\na\nb\nEOF',
        '        4        12        50 log\n4\n      2 a\n      1 b\n',
      ],
      [
        'printf "%s=%d\\n" a 1 b 2; seq -s, 3; echo hello | tr a-y b-z; echo "a  b" | tr -s " "; rev <<< abc',
        'a=1\nb=2\n1,2,3\nifmmp\na b\ncba\n',
      ],
      [
        'echo -n hello | base64; echo aGVsbG8= | base64 -d; echo; echo -n x | md5sum',
        'aGVsbG8=\nhello\n9dd4e461268c8034f5c8564e155c67a6  -\n',
      ],
      ['find / -name "*.conf" -o -type d -name data; find . -type f -exec echo got {} \\;', '/data\ngot ./log\n'],
      [
        'mkdir a; cp log a/; mv log old; ls; ls a; rm a; rmdir a; rm -r a; ls -l',
        "a\nold\nlog\ntotal 4\n-rw-r--r--    1 root     root            50 Jan  1  1970 old\nrm: 'a' is a directory\nrmdir: 'a': Directory not empty\n",
      ],
      [
        'chmod 600 log; stat -c "%a %s %F" log; ln -s log link; readlink link; touch new; test -e new && echo there',
        '600 50 regular file\nlog\nthere\n',
      ],
      [
        'tar cf /tmp/t.tar -C /data log; tar tf /tmp/t.tar; cd /tmp; tar xf t.tar; cmp() { [ "$(cat $1)" = "$(cat $2)" ]; }; cmp log /data/log && echo same',
        'log\nsame\n',
      ],
      [
        'env B=2 env | grep -E "^[AB]="; id; hostname -i; uname',
        'A=1\nB=2\nuid=0(root) gid=0(root) groups=0(root),10(wheel)\n10.244.1.7\nLinux\n',
      ],
    ],
  ],
  [
    'bash',
    [
      [
        'mkdir log; rm nope; cp nope x; touch /no/x',
        "mkdir: cannot create directory 'log': File exists\nrm: cannot remove 'nope': No such file or directory\ncp: cannot stat 'nope': No such file or directory\ntouch: cannot touch '/no/x': No such file or directory\n",
        1,
      ],
      ['grep', "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n", 2],
      ['ls -z', "ls: invalid option -- 'z'\nTry 'ls --help' for more information.\n", 2],
      ['sleep abc', "sleep: invalid time interval 'abc'\nTry 'sleep --help' for more information.\n", 1],
      [
        'head -n 1 nope log',
        "==> log <==\n3 warn disk\nhead: cannot open 'nope' for reading: No such file or directory\n",
        1,
      ],
    ],
  ],
])('the tools of %s', (flavour, cases) => {
  it.each(cases)('%s', async (script, out, code = 0, seconds = 0) => {
    expect(await run(script, flavour)).toEqual({ out, code, seconds });
  });
});
