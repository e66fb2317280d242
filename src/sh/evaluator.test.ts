import { describe, expect, it } from 'vitest';
import { KEPT_REPETITIONS } from './evaluator/period.ts';
import { converse, processesOf, resume, runToEnd, signal, spawn } from './evaluator.ts';
import type { ProcessState, StepResult } from './process.ts';
import { MemoryFiles, testMachine } from './testing.ts';

const shell = (script: string) => ({ argv: ['sh', '-c', script], env: { PATH: '/bin' }, cwd: '/', user: 'root' });

/** What a script writes, its code, and how long it takes (s). */
async function run(script: string, flavour: 'busybox' | 'dash' | 'bash' = 'busybox') {
  const machine = testMachine({ flavour, files: new MemoryFiles({ '/etc/motd': 'Welcome!\nto the box\n' }) });
  const { stdout, stderr, code, output } = await runToEnd(machine, shell(script));
  const seconds = output.length > 0 ? (output.at(-1)!.at - machine.now()) / 1000 : 0;
  return [stdout, stderr, code, seconds] as const;
}

describe('a script', () => {
  it.each<[script: string, stdout: string, stderr: string, code: number, seconds: number]>([
    ['echo one; echo two >&2; exit 3', 'one\n', 'two\n', 3, 0],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo line $i; sleep 1; done', 'line 1\nline 2\nline 3\n', '', 0, 2],
    ['sleep 2; expr 6 \\* 7', '42\n', '', 0, 2],
    ['kill -9 $$; echo still here', 'still here\n', '', 0, 0],
    ['nosuch; echo $?', '127\n', 'sh: nosuch: not found\n', 0, 0],
    ['ls /nonexistent', '', 'ls: /nonexistent: No such file or directory\n', 1, 0],
    ['cat /nope', '', "cat: can't open '/nope': No such file or directory\n", 1, 0],
    ['trap "echo bye" EXIT; (exit 4); echo $?', '4\nbye\n', '', 0, 0],
    ['for i in c a b; do echo $i; done | sort | head -2', 'a\nb\n', '', 0, 0],
    ['yes | head -2', 'y\ny\n', '', 0, 0],
    ['yes | head -c 5', 'y\ny\ny', '', 0, 0],
    ['printf abcdef | head -c 1k', 'abcdef', '', 0, 0],
    ['f() { local x=$1; echo "$x $#"; return 3; }; f "a b" c; echo $?', 'a b 2\n3\n', '', 0, 0],
    ['(sleep 2; echo later) & echo now; wait $!; echo $?', 'now\nlater\n0\n', '', 0, 2],
    ['timeout 2 sleep 10; echo $?', '143\n', '', 0, 2],
    ['x=$(echo a; sleep 1; echo b); echo "$x"', 'a\nb\n', '', 0, 1],
    ['set -e; false || echo tested; false; echo no', 'tested\n', '', 1, 0],
    ['set -x; x="a b"; echo $x', 'a b\n', "+ x='a b'\n+ echo a b\n", 0, 0],
    ['a=x:y; echo "${a%%:*} ${a#*:}"\ncat <<E\n${a##*:} ${a/x*:/z}\nE', 'x y\ny zy\n', '', 0, 0],
    ['a=hello.txt; echo ${a%.*} ${a##*.} ${#a} ${b:-none} ${b:=set} $b', 'hello txt 9 none set set\n', '', 0, 0],
    ['cat <<EOF | tr a-z A-Z\nsum $((2*(3+4)))\nEOF', 'SUM 14\n', '', 0, 0],
    ['while read a b; do echo "$b-$a"; done < /etc/motd', '-Welcome!\nthe box-to\n', '', 0, 0],
    ['case box-7 in web*) echo w;; box-[0-9]) echo b;; esac', 'b\n', '', 0, 0],
    ['echo hi > /tmp/f; echo ho >> /tmp/f; wc -l < /tmp/f; test -s /tmp/f && echo filled', '2\nfilled\n', '', 0, 0],
    [
      'grep -c o /etc/motd; sed -n "s/box/BOX/p" /etc/motd; awk "{print NR, \\$1}" /etc/motd',
      '2\nto the BOX\n1 Welcome!\n2 to\n',
      '',
      0,
      0,
    ],
    ['echo a b c | xargs -n 1 echo item', 'item a\nitem b\nitem c\n', '', 0, 0],
    ['set -u; echo $nope', '', 'sh: nope: parameter not set\n', 2, 0],
    ['if true', '', 'sh: syntax error: unexpected end of file\n', 2, 0],
    ['date; sleep 90; date +%T', 'Sat Nov 21 04:00:00 UTC 2026\n04:01:30\n', '', 0, 90],
    ['exec 3>/tmp/log; echo kept >&3; cat /tmp/log', 'kept\n', '', 0, 0],
    ['trap "echo got" USR1; kill -USR1 $$; echo after', 'got\nafter\n', '', 0, 0],
  ])('%s', async (script, ...expected) => {
    expect(await run(script)).toEqual(expected);
  });

  it.each<['dash' | 'bash', string, string, string, number]>([
    ['dash', 'nosuch', '', 'sh: 1: nosuch: not found\n', 127],
    ['bash', 'nosuch', '', 'sh: line 1: nosuch: command not found\n', 127],
    ['bash', 'ls /nope', '', "ls: cannot access '/nope': No such file or directory\n", 2],
    ['bash', 'echo {1..3} a{b,c}; [[ abc == a* && 5 -gt 3 ]] && echo yes', '1 2 3 ab ac\nyes\n', '', 0],
    ['dash', 'if then', '', 'sh: 1: Syntax error: "then" unexpected\n', 2],
    ['bash', 'for ((i = 0; i < 2; i++)); do echo $i; done', '0\n1\n', '', 0],
  ])('in %s: %s', async (flavour, script, stdout, stderr, code) => {
    expect((await run(script, flavour)).slice(0, 3)).toEqual([stdout, stderr, code]);
  });
});

describe('signals', () => {
  /** Runs a script for a while, then signals it. */
  function signalled(seconds: number, argv: string[], name: string): StepResult {
    const machine = testMachine();
    const process = spawn(machine, { ...shell(''), argv });
    let step = resume(machine, process);
    machine.time += seconds * 1000;
    step = resume(machine, step.process);
    return signal(machine, step.process, name);
  }
  const text = ({ output }: StepResult) => output.map((chunk) => chunk.text).join('');

  it('leave PID 1 alone that has no handler, except KILL', () => {
    expect(signalled(5, ['sleep', '3600'], 'TERM').exit).toBeUndefined();
    expect(signalled(5, ['sleep', '3600'], 'KILL').exit).toEqual({ code: 137, signal: 9 });
  });

  it('run a trap at once while the shell waits for a job', () => {
    const step = signalled(5, ['sh', '-c', 'trap "echo bye; exit 0" TERM; sleep 1000 & wait'], 'TERM');
    expect([text(step), step.exit]).toEqual(['bye\n', { code: 0 }]);
  });

  it('run a trap only after what runs in the foreground', () => {
    const machine = testMachine();
    const first = resume(machine, spawn(machine, shell('trap "echo bye; exit 0" TERM; sleep 10; echo on')));
    const step = signal(machine, first.process, 15);
    expect([step.exit, step.wakeAt]).toEqual([undefined, machine.time + 10_000]);
    machine.time += 10_000;
    const last = resume(machine, step.process);
    expect([text(last), last.exit]).toEqual(['bye\n', { code: 0 }]);
  });

  it('are ignored with an empty trap', () => {
    expect(signalled(5, ['sh', '-c', 'trap "" TERM; while true; do date; sleep 5; done'], 'TERM').exit).toBeUndefined();
  });
});

it.each([
  ['sleep 9', ['sleep 9']],
  ['echo a; sleep 9', ['sleep 9']],
  ['sleep 9; echo a', ['sh -c sleep 9; echo a', 'sleep 9']],
  ['trap "echo bye" EXIT; sleep 9', ['sh -c trap "echo bye" EXIT; sleep 9', 'sleep 9']],
  ['sleep 8 & wait', ['sh -c sleep 8 & wait', 'sleep 8']],
  ['(echo a; sleep 9); echo b', ['sh -c (echo a; sleep 9); echo b', 'sleep 9']],
])('the last command of a shell takes its place: %s', (script, processes) => {
  const machine = testMachine();
  const { process } = resume(machine, spawn(machine, shell(script)));
  expect(processesOf(process).map(({ command }) => command)).toEqual(processes);
});

describe('a loop', () => {
  /** Steps a script to where its period is known, then a week on at once. */
  function week(script: string): { early: StepResult; late: StepResult; lines: string[] } {
    const machine = testMachine();
    let early = resume(machine, spawn(machine, shell(script)));
    for (let i = 0; i < 20 && !early.steady; i++) {
      machine.time = early.wakeAt!;
      early = resume(machine, early.process);
    }
    machine.time += 7 * 86_400_000;
    const late = resume(machine, early.process);
    return { early, late, lines: late.output.map((chunk) => chunk.text.trim()) };
  }

  it.each([
    ['while true; do date; sleep 5; done', 'Sat Nov 28 04:00:20 UTC 2026', 1],
    ['i=0; while true; do echo "$i: $(date +%T)"; i=$((i+1)); sleep 1; done', '604803: 04:00:03', 1],
    ['trap "" TERM; while :; do for n in 1 2; do echo $n; sleep 1; done; done', undefined, 1],
  ])('is kept as a period: %s', (script, last, perRepetition) => {
    const { early, late, lines } = week(script);
    expect(early.steady).toEqual({ files: false, network: false });
    expect(lines.length / perRepetition).toBeLessThan(2.1 * KEPT_REPETITIONS);
    expect(late.steady).toBeDefined();
    if (last) expect(lines.at(-1)!.replace(/:\d\d UTC| \d\d:.*/, '')).toBe(last.replace(/:\d\d UTC| \d\d:.*/, ''));
    expect(late.wakeAt).toBeGreaterThan(late.output.at(-1)!.at);
  });

  it('that counts towards an end is run to it', () => {
    const machine = testMachine();
    let step = resume(
      machine,
      spawn(machine, shell('i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo $i; sleep 1; done; exit 4')),
    );
    machine.time += 86_400_000;
    step = resume(machine, step.process);
    expect([step.exit, step.output.at(-1)?.text]).toEqual([{ code: 4 }, '1000\n']);
  });

  it('that looks at files says so, and sees a change once it is resumed', () => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, shell('until [ -f /tmp/go ]; do sleep 1; done; echo went')));
    for (let i = 0; i < 400; i++) {
      machine.time = step.wakeAt!;
      step = resume(machine, step.process);
      if (i < 250) expect(step.steady).toBeUndefined();
    }
    expect(step.steady).toEqual({ files: true, network: false });
    machine.files.write('/tmp/go', '');
    machine.time += 86_400_000;
    step = resume(machine, step.process, { changed: true });
    expect([step.output[0]?.text, step.exit]).toEqual(['went\n', { code: 0 }]);
  });

  it('has the same state whether it is stepped or resumed late', () => {
    const script = 'n=0; while true; do n=$((n+1)); [ $((n % 3)) = 0 ] && echo fizz || echo $n; sleep 2; done';
    const lines = (steps: number) => {
      const machine = testMachine();
      let step = resume(machine, spawn(machine, shell(script)));
      const seen = [...step.output];
      for (let i = 0; i < steps; i++) {
        machine.time += 60_000 / steps;
        step = resume(machine, JSON.parse(JSON.stringify(step.process)) as ProcessState);
        seen.push(...step.output);
      }
      return seen;
    };
    expect(lines(30)).toEqual(lines(1));
  });

  it('without a pause does not hang', () => {
    const machine = testMachine();
    const step = resume(machine, spawn(machine, shell('while true; do :; done')));
    expect([step.exit, step.wakeAt, step.steady]).toEqual([
      undefined,
      machine.time + 5000,
      { files: false, network: false },
    ]);
  });

  it('without a pause still sees what comes', () => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, shell('until [ -f /tmp/go ]; do :; done; echo went')));
    expect(step.steady).toBeUndefined();
    machine.files.write('/tmp/go', '');
    machine.time = step.wakeAt!;
    step = resume(machine, step.process);
    expect([step.output[0]?.text, step.exit]).toEqual(['went\n', { code: 0 }]);
  });

  it('without a pause that counts to an end comes there', () => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, shell('i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; echo $i')));
    for (let i = 0; i < 5 && !step.exit; i++) {
      expect(step.steady).toBeUndefined();
      machine.time = step.wakeAt!;
      step = resume(machine, step.process);
    }
    expect(step.output[0]?.text).toBe('50000\n');
  });
});

describe('input', () => {
  it('comes from a terminal whose window may change', () => {
    const machine = testMachine();
    const begin = { ...shell(''), argv: ['sh'], pid: 7, stdinOpen: true, tty: true };
    let step = resume(machine, spawn(machine, { ...begin, size: { columns: 91, rows: 33 } }));
    step = resume(machine, step.process, { stdin: 'stty size\n' });
    expect(step.output[0]?.text).toBe('33 91\n');
    step = resume(machine, step.process, { stdin: 'stty size\n', size: { columns: 120, rows: 40 } });
    expect(step.output[0]?.text).toBe('40 120\n');
  });

  it('feeds an interactive shell, which prompts on a terminal', () => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, { ...shell(''), argv: ['sh'], pid: 7, stdinOpen: true, tty: true }));
    expect(step.output.map(({ text }) => text)).toEqual(['/ # ']);
    step = resume(machine, step.process, { stdin: 'cd /tmp; x=5\nif true; then\n' });
    expect(step.output.map(({ text }) => text).join('')).toBe('/tmp # > ');
    step = resume(machine, step.process, { stdin: 'echo $x $$; fi\nexit 3\n' });
    expect([step.output.map(({ text }) => text).join(''), step.exit]).toEqual(['5 7\n/tmp # ', { code: 3 }]);
  });

  it.each<[what: string, typed: string[], shown: string, code: number | undefined]>([
    ['^C ends what runs, and the shell asks again', ['sleep 100\n', '\x03', 'echo $?\n'], '/ # 130\n/ # ', undefined],
    ['^C drops what was typed', ['if true; then\n', '\x03', 'echo hi\n'], '> / # hi\n/ # ', undefined],
    [
      '^C leaves a loop of the shell',
      ['while true; do sleep 1; done\n', '\x03', 'echo out\n'],
      '/ # out\n/ # ',
      undefined,
    ],
    [
      '^D ends the program that reads, not the shell',
      ['cat\n', 'a\n', '\x04', 'echo b\n'],
      'a\n/ # b\n/ # ',
      undefined,
    ],
    ['^D ends the shell', ['false\n', '\x04'], '/ # ', 1],
    ['all output goes to the terminal', ['echo a; nosuch\n'], 'a\nsh: nosuch: not found\n/ # ', undefined],
  ])('typed on a terminal: %s', (_, typed, shown, code) => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, { ...shell(''), argv: ['sh'], pid: 7, stdinOpen: true, tty: true }));
    let output = '';
    for (const stdin of typed) {
      step = resume(machine, step.process, { stdin });
      for (const { stream, text } of step.output) output += stream === 'stdout' ? text : `<${text}>`;
    }
    expect([output, step.exit?.code]).toEqual([shown, code]);
  });

  it('reaches programs that wait for it', () => {
    const machine = testMachine();
    let step = resume(machine, spawn(machine, { ...shell(''), argv: ['cat'], stdinOpen: true }));
    step = resume(machine, step.process, { stdin: 'one\n' });
    expect(step.output[0]?.text).toBe('one\n');
    expect(resume(machine, step.process, { stdinEnds: true }).exit).toEqual({ code: 0 });
  });

  it('is awaited from commands that take their time', async () => {
    const machine = testMachine({
      commands: { crictl: async ({ argv }) => ({ stdout: `ran ${argv[1]}\n`, stderr: '', code: 0 }) },
    });
    expect((await runToEnd(machine, shell('crictl ps | sed s/ran/has/; echo end'))).stdout).toBe('has ps\nend\n');
  });

  it('of nc -l is what its other side reads', () => {
    const machine = testMachine();
    const step = resume(machine, spawn(machine, shell('while true; do echo hello | nc -l -p 80; done')));
    const talk = converse(machine, step.process, 80, 'asked\n')!;
    expect([talk.received, talk.step.output[0]?.text, talk.step.exit]).toEqual(['hello\n', 'asked\n', undefined]);
    expect(converse(machine, talk.step.process, 80, '')?.received).toBe('hello\n');
    expect(converse(machine, talk.step.process, 81, '')).toBeUndefined();
  });
});
