import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFile } from './state-file.ts';

const info = { command: 'kubectl test', at: 0 };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubemu-state-'));
  path = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Changes the file as a command does: under the lock, from what is on disk. */
function change(edit: (file: StateFile) => void, make = () => StateFile.open(path)): void {
  const file = make();
  file.lock.acquire();
  edit(file);
  file.save(info);
  file.lock.release();
}

const create = (edit: (file: StateFile) => void): void => change(edit, () => StateFile.create(path));
const get = (section: string, key: string): unknown => StateFile.open(path).state.section(section).get(key);

describe('a small state file', () => {
  it('is one JSON document with an entry a line, and nothing lies beside it', () => {
    create(({ state }) => {
      state.section('objects/pods').set('default/b', { a: 1 });
      state.section('objects/pods').set('default/a', { text: 'line\nbreak "quoted"' });
      state.section('cluster').set('time', 5);
    });
    expect(readFileSync(path, 'utf8')).toBe(
      [
        '{"kubemu":{"format":1,"generation":1},',
        '"cluster":{',
        '"time":5',
        '},',
        '"objects/pods":{',
        '"default/a":{"text":"line\\nbreak \\"quoted\\""},',
        '"default/b":{"a":1}',
        '}}',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(readFileSync(path, 'utf8'))).toBeTypeOf('object');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('gives back what was set, under any key', () => {
    const keys = ['', 'plain', 'with "quotes"', 'back\\slash', 'new\nline', '":{', 'é'];
    create(({ state }) => {
      for (const key of keys) state.section('s').set(key, { key });
    });
    const section = StateFile.open(path).state.section<{ key: string }>('s');
    expect(section.keys()).toEqual([...keys].sort());
    for (const key of keys) expect(section.get(key)).toEqual({ key });
    expect(section.keys('with')).toEqual(['with "quotes"']);
  });

  it('is ASCII, and reads what a person wrote into it otherwise', () => {
    create(({ state }) => state.section('s').set('é', { text: 'né ✓' }));
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"\\u00e9":{"text":"n\\u00e9 \\u2713"}');
    writeFileSync(path, text.replace('\\u2713', '✓'));
    expect(get('s', 'é')).toEqual({ text: 'né ✓' });
  });

  it('does not parse what is not touched, and saves it as it was', () => {
    create(({ state }) => {
      state.section('s').set('a', { x: 1 });
      state.section('s').set('b', { x: 2 });
    });
    writeFileSync(path, readFileSync(path, 'utf8').replace('{"x":1}', '{"x" : 1}'));
    change(({ state }) => state.section('s').delete('b'));
    expect(readFileSync(path, 'utf8')).toContain('"a":{"x" : 1}\n');
    expect(StateFile.open(path).state.sections()).toEqual(['s']);
  });

  it('knows when another command changed it', () => {
    create(({ state }) => state.section('s').set('a', 1));
    const file = StateFile.open(path);
    expect(file.isCurrent()).toBe(true);
    change(({ state }) => state.section('s').set('a', 2));
    expect(file.isCurrent()).toBe(false);
  });
});

describe('a large state file', () => {
  const big = 'x'.repeat(2_100_000);

  const grow = (): void => {
    create(({ state }) => {
      state.section('s').set('big', big);
      state.section('s').set('gone', 1);
    });
    change(({ state }) => {
      state.section('s').set('small', { n: 1 });
      state.section('s').delete('gone');
    });
  };
  const journal = (): string => join(folder, readdirSync(folder).find((name) => name.endsWith('.journal'))!);

  it('appends changes to a journal named by its generation', () => {
    grow();
    expect(readdirSync(folder).sort()).toEqual(['state.json', 'state.json.1.journal']);
    expect(readFileSync(journal(), 'utf8')).toBe(
      '["s","small",{"n":1}]\n["s","gone"]\n{"commit":{"command":"kubectl test","at":0}}\n',
    );
    expect(get('s', 'small')).toEqual({ n: 1 });
    expect(get('s', 'gone')).toBeUndefined();
  });

  it.each([
    ['half a line', '["s","small",{"n":'],
    ['a group without its commit', '["s","small",{"n":2}]\n'],
    ['half a commit', '["s","small",{"n":2}]\n{"commit":{"comm'],
  ])('drops %s at the end, which was never acknowledged', (_, torn) => {
    grow();
    appendFileSync(journal(), torn);
    expect(get('s', 'small')).toEqual({ n: 1 });
    change(({ state }) => state.section('s').set('small', { n: 3 }));
    expect(get('s', 'small')).toEqual({ n: 3 });
  });

  it('folds a journal that has grown into the next generation', () => {
    grow();
    for (const n of [2, 3]) change(({ state }) => state.section('s').set(`part-${n}`, big));
    expect(readdirSync(folder).sort()).toEqual(['state.json', 'state.json.1.journal']);
    change(({ state }) => state.section('s').set('small', { n: 9 }));
    expect(readdirSync(folder)).toEqual(['state.json']);
    expect(get('s', 'part-3')).toBe(big);
    expect(get('s', 'small')).toEqual({ n: 9 });
  });

  it('reports damage before the end with its line', () => {
    grow();
    const text = readFileSync(journal(), 'utf8');
    writeFileSync(journal(), `["s","sm\n${text}`);
    expect(() => StateFile.open(path)).toThrow(
      `the state file is damaged: ${journal()}, line 1: this is not a whole entry`,
    );
  });
});

describe('a file that cannot be used', () => {
  const write = (text: string): void => writeFileSync(path, text);
  const whole = '{"kubemu":{"format":1,"generation":1},\n"s":{\n"a":{"x":1},\n"b":[1]\n}}\n';

  /** Opens the file and asks for everything in it. */
  const readAll = (): void => {
    const { state } = StateFile.open(path);
    for (const name of state.sections()) state.section(name).keys();
  };

  it.each([
    ['an entry cut short', whole.replace('"a":{"x":1},', '"a":{"x":'), 'line 3: this is not a whole entry'],
    ['a line of something else', whole.replace('"b":[1]', 'oops'), 'line 4: this is not a whole entry'],
    ['a section that has no name', whole.replace('"s":{', '{'), 'line 2: a section should begin here'],
    ['a missing end', whole.slice(0, -5), 'line 4: the file ends in the middle of a line'],
    ['a missing last line', whole.slice(0, -3), 'line 4: the file ends too early'],
    ['a second end', `${whole}}}\n`, 'line 6: there is more after the end'],
  ])('reports %s with its line, and keeps the file', (_, text, message) => {
    write(text);
    expect(readAll).toThrow(`the state file is damaged: ${path}, ${message}`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('does not write over damage in a part that a command did not touch', () => {
    const text = whole.replace('"a":{"x":1},', '"a":{"x":');
    write(text);
    expect(() => change(({ state }) => state.section('other').set('c', 1))).toThrow(`${path}, line 3: `);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('reports damage inside an entry when it is used', () => {
    write(whole.replace('{"x":1}', '{"x";1}'));
    const section = StateFile.open(path).state.section('s');
    expect(section.get('b')).toEqual([1]);
    expect(() => section.get('a')).toThrow(`${path}, line 3: `);
  });

  it.each([
    ['a foreign file', '{"apiVersion":"v1"}\n', 'is not a kubemu state file'],
    ['an empty file', '', 'is not a kubemu state file'],
    [
      'a later format',
      whole.replace('"format":1', '"format":99'),
      'was written by a later kubemu (format 99, this one reads up to 1)',
    ],
  ])('refuses %s', (_, text, message) => {
    write(text);
    expect(() => StateFile.open(path)).toThrow(message);
  });

  it('says what to do about a file that vanished', () => {
    create(({ state }) => state.section('s').set('a', 1));
    expect(() =>
      change(({ state }) => {
        state.section('s').set('a', 2);
        rmSync(path);
      }),
    ).toThrow(`the state file has vanished: ${path}\nNothing was saved.`);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says what to do about a folder without permission',
    () => {
      create(({ state }) => state.section('s').set('a', 1));
      chmodSync(folder, 0o500);
      expect(() => change(({ state }) => state.section('s').set('a', 2))).toThrow(
        'no permission to write the state file',
      );
      chmodSync(folder, 0o700);
    },
  );
});

describe('the lock', () => {
  it('is had by one at a time', () => {
    create(({ state }) => state.section('s').set('a', 1));
    const [one, two] = [StateFile.open(path), StateFile.open(path)];
    expect(one.lock.tryAcquire()).toBe(true);
    expect(two.lock.tryAcquire()).toBe(false);
    expect(() => two.lock.acquire(20)).toThrow(
      `another command (process ${process.pid}) has been changing the cluster`,
    );
    one.lock.release();
    expect(two.lock.tryAcquire()).toBe(true);
  });

  it('is taken over from a process that is gone, and that one may no longer write', () => {
    create(({ state }) => state.section('s').set('a', 1));
    const file = StateFile.open(path);
    file.lock.acquire();
    const mine = readFileSync(file.lock.path, 'utf8');
    writeFileSync(file.lock.path, mine.replace(/"pid":\d+/, '"pid":999999999'));
    const other = StateFile.open(path);
    expect(other.lock.tryAcquire()).toBe(true);
    other.lock.release();
    file.state.section('s').set('a', 2);
    expect(() => file.save(info)).toThrow("another command took the cluster's lock over");
  });
});
