import { expect, it } from 'vitest';
import { runToEnd } from '../evaluator.ts';
import { MemoryFiles, testMachine } from '../testing.ts';

async function run(script: string, flavour: 'busybox' | 'dash' | 'bash' = 'bash') {
  const machine = testMachine({ flavour, files: new MemoryFiles({ '/etc/motd': 'Welcome!\nto the box\n' }) });
  const start = { argv: ['sh', '-c', script], env: { PATH: '/bin', HOSTNAME: 'mysql-3' }, cwd: '/', user: 'root' };
  const { stdout, stderr, code } = await runToEnd(machine, start);
  return stderr === '' && code === 0 ? stdout : { stdout, stderr, code };
}

it.each<[script: string, stdout: string]>([
  // From bash 5.2.
  ['a=(x "y z" w); echo ${a[1]} ${#a[@]} ${a[@]} $a ${a[-1]}', 'y z 3 x y z w x w\n'],
  ['a=(x "y z"); for e in "${a[@]}"; do echo "<$e>"; done; echo "${a[*]}"', '<x>\n<y z>\nx y z\n'],
  ['i=1; a[i+1]=c; a[$i]=b; a+=(d e); echo "${!a[@]}: ${a[@]}"; a[1]+=!; echo ${a[1]}', '1 2 3 4: b c d e\nb!\n'],
  [
    'a=(1 2 3 4); echo ${a[@]:1:2} ${a[@]: -1}; unset "a[1]"; echo ${a[@]}; unset a; echo ${#a[@]}',
    '2 3 4\n1 3 4\n0\n',
  ],
  ['f=(a.txt b.txt); echo ${f[@]%.txt} ${f[0]/a/z} ${#f[0]}', 'a b z.txt 5\n'],
  [
    'declare -A m=([a]=1 ["b c"]="2 3"); m[d]=4; for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done',
    'a=1\nb c=2 3\nd=4\n',
  ],
  ['[[ $HOSTNAME =~ -([0-9]+)$ ]] || exit 1; echo $((100 + ${BASH_REMATCH[1]}))', '103\n'],
  ['[[ $(echo zk-0) =~ (.*)-([0-9 ]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"', 'zk 0\n'],
  ['[[ a =~ b ]]; echo $? ${#BASH_REMATCH[@]}', '1 0\n'],
  ['a=(a b); for ((i = 0; i < ${#a[@]}; i++)); do echo $i ${a[$i]}; done', '0 a\n1 b\n'],
  [
    'mapfile -t l < /etc/motd; echo "${#l[@]} ${l[1]}"; read -ra w < /etc/motd; echo ${w[0]}',
    '2 to the box\nWelcome!\n',
  ],
  ['false | true | (exit 3); echo "${PIPESTATUS[@]} ${PIPESTATUS[0]}"', '1 0 3 1\n'],
  ['diff <(printf "a\\nb\\n") <(printf "a\\nc\\n"); echo $?', '2c2\n< b\n---\n> c\n1\n'],
  [
    'while read x; do echo "<$x>"; done < <(echo 1; echo 2); cat <(cat <(echo deep)) - <<< here',
    '<1>\n<2>\ndeep\nhere\n',
  ],
  ['for i in 1 2; do cat <(echo $i); echo <(true); done', '1\n/dev/fd/63\n2\n/dev/fd/63\n'],
  ['IFS=, read -ra p <<< "a,b c,,d"; echo "${#p[@]} ${p[1]} ${p[3]}"; echo ${BASH_VERSION%%.*}', '4 b c d\n5\n'],
  ['f() { local a=(1 2); echo ${a[@]}; }; a=(9); f; echo ${a[@]} ${#a[@]}', '1 2\n9 1\n'],
  ['a=($(echo p q) r); echo ${#a[@]} ${a[-2]}; set -- x y z; echo ${@:2}', '3 q\ny z\n'],
  ['x=one; echo ${x[0]} ${#x[@]} ${none[@]}end; a=(); echo "${a[@]:-empty}"', 'one 1 end\nempty\n'],
])('%s', async (script, stdout) => {
  expect(await run(script)).toEqual(stdout);
});

it.each<['dash' | 'busybox', string]>([
  ['dash', 'sh: 1: Syntax error: "(" unexpected\n'],
  ['busybox', 'sh: syntax error: unexpected "("\n'],
])('%s knows no arrays', async (flavour, stderr) => {
  expect(await run('echo begun; a=(x y)', flavour)).toEqual({ stdout: '', stderr, code: 2 });
});

it.each<['dash' | 'busybox', string[]]>([
  ['dash', ['bash', '-c', 'a=(x y); echo ${a[1]}']],
  ['busybox', ['bash', '-c', 'a=(x y); echo ${a[1]}']],
  ['dash', ['/entry.sh', 'y']],
])('where sh is %s, %j is bash', async (flavour, argv) => {
  const files = new MemoryFiles({ '/entry.sh': '#!/usr/bin/env bash\na=(x "$@")\necho ${a[1]}\n' });
  files.chmod('/entry.sh', 0o755);
  const machine = testMachine({ flavour, files });
  expect((await runToEnd(machine, { argv, env: { PATH: '/bin' }, cwd: '/', user: 'root' })).stdout).toBe('y\n');
});
