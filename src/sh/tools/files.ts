import { followed } from '../evaluator/condition.ts';
import { FS_MESSAGES } from '../evaluator/messages.ts';
import { FsError } from '../process.ts';
import { parseOwner } from './accounts.ts';
import { find } from './find.ts';
import { ls } from './ls.ts';
import { join, lastPart, realPath } from './paths.ts';
import { df, du, stat } from './stat.ts';
import { tar } from './tar.ts';
import {
  fail,
  forEachFile,
  isBusybox,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  ToolError,
  unlines,
} from './tool.ts';

/** `mkdir: can't create directory 'x': File exists` and its GNU form. */
export const cannot = (context: ToolContext, verb: string) => (file: string, reason: string) =>
  `${isBusybox(context) ? "can't" : 'cannot'} ${verb} '${file}': ${reason}`;

const mkdir: Tool = (context) => {
  const options = parseOptions(context, 'pm:v', ['parents', 'mode:']);
  const { files } = context.machine;
  if (options.rest.length === 0) return fail("mkdir: missing operand\nTry 'mkdir --help' for more information.\n");
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `can't create directory '${file}': ${reason}` : `cannot create directory '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const path = context.path(file);
    if (options.has('p', 'parents')) {
      const parts = path.split('/').filter(Boolean);
      parts.forEach((_, index) => {
        const folder = `/${parts.slice(0, index + 1).join('/')}`;
        const stat = followed(files, folder);
        if (!stat) files.makeDir(folder);
        else if (stat.type !== 'directory')
          throw new FsError(index === parts.length - 1 ? 'EEXIST' : 'ENOTDIR', folder);
      });
    } else files.makeDir(path);
    const mode = options.value('m', 'mode');
    if (mode) files.chmod(path, Number.parseInt(mode, 8));
    return undefined;
  });
};

const rmdir: Tool = (context) => {
  const options = parseOptions(context, 'p', ['ignore-fail-on-non-empty']);
  const { files } = context.machine;
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `'${file}': ${reason}` : `failed to remove '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const stat = files.stat(context.path(file));
    if (!stat) throw new FsError('ENOENT', file);
    if (stat.type !== 'directory') throw new FsError('ENOTDIR', file);
    files.remove(context.path(file));
    return undefined;
  });
};

const rm: Tool = (context) => {
  const options = parseOptions(context, 'rRfvid', ['recursive', 'force']);
  const { files } = context.machine;
  const force = options.has('f', 'force');
  if (options.rest.length === 0)
    return force
      ? ok('')
      : fail(
          isBusybox(context) ? 'rm: missing operand\n' : "rm: missing operand\nTry 'rm --help' for more information.\n",
        );
  return forEachFile(options.rest, context, cannot(context, 'remove'), (file) => {
    const stat = files.stat(context.path(file));
    if (!stat) {
      if (force) return undefined;
      throw new FsError('ENOENT', file);
    }
    if (stat.type === 'directory' && !options.has('r', 'R', 'recursive'))
      throw isBusybox(context) ? new ToolError(`'${file}' is a directory`) : new FsError('EISDIR', file);
    files.remove(context.path(file), { recursive: true });
    return options.has('v') ? `removed '${file}'\n` : undefined;
  });
};

function copyTree(context: ToolContext, from: string, to: string): void {
  const { files } = context.machine;
  const stat = files.stat(from);
  if (!stat) throw new FsError('ENOENT', from);
  if (stat.type === 'directory') {
    if (!files.stat(to)) files.makeDir(to);
    for (const name of files.list(from)) copyTree(context, join(from, name), join(to, name));
  } else if (stat.type === 'symlink') files.symlink(stat.target ?? '', to);
  else files.write(to, files.read(from), { mode: stat.mode });
}

/** `cp` and `mv`: into a folder if the last operand is one. */
const transfer =
  (moves: boolean): Tool =>
  (context) => {
    const options = parseOptions(context, 'rRapfvnuidLPTxt:', [
      'recursive',
      'archive',
      'force',
      'no-clobber',
      'parents',
    ]);
    const { files } = context.machine;
    const [target, ...sources] = [...options.rest].reverse();
    const name = context.argv[0]!;
    if (target === undefined)
      return fail(
        isBusybox(context)
          ? `${name}: missing operand\n`
          : `${name}: missing file operand\nTry '${name} --help' for more information.\n`,
      );
    if (sources.length === 0)
      return fail(
        `${name}: missing destination file operand after '${target}'\nTry '${name} --help' for more information.\n`,
      );
    const into = followed(files, context.path(target))?.type === 'directory';
    if (!into && (sources.length > 1 || target.endsWith('/'))) {
      const reason = followed(files, context.path(target)) ? 'Not a directory' : 'No such file or directory';
      return fail(
        isBusybox(context)
          ? `${name}: can't stat '${target}': ${reason}\n`
          : `${name}: target '${target}': ${reason}\n`,
      );
    }
    const message = (file: string, reason: string) =>
      isBusybox(context)
        ? `can't ${moves ? 'rename' : 'stat'} '${file}': ${reason}`
        : `cannot stat '${file}': ${reason}`;
    return forEachFile(sources.reverse(), context, message, (file) => {
      const from = context.path(file);
      const to = into ? join(context.path(target), lastPart(from)) : context.path(target);
      const stat = moves ? files.stat(from) : followed(files, from);
      if (!stat) throw new FsError('ENOENT', file);
      if (stat.type === 'directory' && !moves && !options.has('r', 'R', 'a', 'recursive', 'archive'))
        throw new ToolError(
          isBusybox(context) ? `omitting directory '${file}'` : `-r not specified; omitting directory '${file}'`,
        );
      try {
        if (stat.type === 'directory' || stat.type === 'symlink') copyTree(context, from, to);
        else files.write(to, files.read(from), { mode: stat.mode });
        if (moves) files.remove(from, { recursive: true });
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        const reason = FS_MESSAGES[error.code];
        throw new ToolError(
          isBusybox(context)
            ? `can't create '${into ? join(target, lastPart(from)) : target}': ${reason}`
            : `cannot create regular file '${into ? join(target, lastPart(from)) : target}': ${reason}`,
        );
      }
      return undefined;
    });
  };

const ln: Tool = (context) => {
  const options = parseOptions(context, 'sfnvT', ['symbolic', 'force', 'no-dereference']);
  const { files } = context.machine;
  const [target, link = '.'] = options.rest as [string, string?];
  let path = context.path(link);
  if (files.stat(path)?.type === 'directory') path = join(path, lastPart(target));
  try {
    if (files.stat(path) && options.has('f', 'force')) files.remove(path);
    if (files.stat(path)) throw new FsError('EEXIST', path);
    if (options.has('s', 'symbolic')) files.symlink(target, path);
    else files.write(path, files.read(context.path(target)), { mode: files.stat(context.path(target))!.mode });
    return ok('');
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const reason = FS_MESSAGES[error.code];
    return fail(
      isBusybox(context) ? `ln: ${path}: ${reason}\n` : `ln: failed to create symbolic link '${link}': ${reason}\n`,
    );
  }
};

const touch: Tool = (context) => {
  const options = parseOptions(context, 'acmt:d:r:', ['date:', 'no-create', 'reference:']);
  if (options.rest.length === 0) return fail("touch: missing file operand\nTry 'touch --help' for more information.\n");
  const { files } = context.machine;
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `${file}: ${reason}` : `cannot touch '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const stat = files.stat(context.path(file));
    if (stat?.type === 'directory' || (!stat && options.has('c', 'no-create'))) return undefined;
    files.write(context.path(file), '', { append: true });
    return undefined;
  });
};

function newMode(text: string, old: number, directory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return text.split(',').reduce((mode, clause) => {
    const [, who = '', operator, letters = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    if (!operator) throw new ToolError(`invalid mode: '${text}'`);
    const bits = [...letters].reduce(
      (sum, letter) => sum | ({ r: 4, w: 2, x: 1, X: directory || mode & 0o111 ? 1 : 0 }[letter] ?? 0),
      0,
    );
    const groups = who === '' || who.includes('a') ? 'ugo' : who;
    const mask = [...groups].reduce((sum, group) => sum | (bits << { u: 6, g: 3, o: 0 }[group as 'u' | 'g' | 'o']), 0);
    const clear = [...groups].reduce((sum, group) => sum | (7 << { u: 6, g: 3, o: 0 }[group as 'u' | 'g' | 'o']), 0);
    return operator === '+' ? mode | mask : operator === '-' ? mode & ~mask : (mode & ~clear) | mask;
  }, old);
}

const chmod: Tool = (context) => {
  const args = context.argv.slice(1).filter((arg) => !/^-[Rvcf]+$/.test(arg));
  const recursive = context.argv.some((arg) => /^-[vcf]*R/.test(arg));
  const { files } = context.machine;
  const [mode, ...operands] = args as [string, ...string[]];
  const apply = (path: string): void => {
    const stat = followed(files, path);
    if (!stat) throw new FsError('ENOENT', path);
    files.chmod(path, newMode(mode, stat.mode, stat.type === 'directory'));
    if (recursive && stat.type === 'directory') for (const name of files.list(path)) apply(join(path, name));
  };
  const message = (file: string, reason: string) =>
    isBusybox(context)
      ? `${file}: ${reason}`
      : reason === 'No such file or directory'
        ? `cannot access '${file}': ${reason}`
        : `changing permissions of '${file}': ${reason}`;
  return forEachFile(operands, context, message, (file) => {
    apply(context.path(file));
    return undefined;
  });
};

const chown: Tool = (context) => {
  const name = context.argv[0]!;
  const given = context.argv.slice(1).filter((arg) => !/^-[RvcfhLHP]+$/.test(arg));
  const recursive = context.argv.some((arg) => /^-[vcfhLHP]*R/.test(arg));
  const [wanted = '', ...operands] = given;
  const busybox = isBusybox(context);
  if (operands.length === 0)
    return fail(
      busybox
        ? `${name}: missing operand\n`
        : `${name}: missing operand${wanted ? ` after '${wanted}'` : ''}\nTry '${name} --help' for more information.\n`,
    );
  const owner = parseOwner(context, name === 'chgrp' ? `:${wanted}` : wanted);
  if (!owner) {
    const kind = name === 'chgrp' ? 'group' : 'user';
    return fail(busybox ? `${name}: unknown user ${wanted}\n` : `${name}: invalid ${kind}: '${wanted}'\n`);
  }
  const { files } = context.machine;
  const apply = (path: string): void => {
    const stat = files.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    files.chown?.(path, owner);
    if (recursive && stat.type === 'directory') for (const inner of files.list(path)) apply(join(path, inner));
  };
  const what = name === 'chgrp' ? 'changing group' : 'changing ownership';
  const message = (file: string, reason: string) =>
    busybox
      ? `${file}: ${reason}`
      : reason === 'No such file or directory'
        ? `cannot access '${file}': ${reason}`
        : `${what} of '${file}': ${reason}`;
  return forEachFile(operands, context, message, (file) => {
    apply(context.path(file));
    return undefined;
  });
};

const readlink: Tool = (context) => {
  const options = parseOptions(context, 'fenm', ['canonicalize']);
  const { files } = context.machine;
  const [file = ''] = options.rest;
  const path = context.path(file);
  if (options.has('f', 'e', 'm', 'canonicalize') || context.argv[0] === 'realpath') {
    const real = realPath(context, path);
    if (!files.stat(real) && !options.has('m'))
      return context.argv[0] === 'realpath' ? fail(`realpath: ${file}: No such file or directory\n`) : fail('');
    return ok(`${real}\n`);
  }
  const found = files.stat(path);
  return found?.type === 'symlink' ? ok(`${found.target}${options.has('n') ? '' : '\n'}`) : fail('');
};

const mktemp: Tool = (context) => {
  const options = parseOptions(context, 'dup:qt', ['directory', 'tmpdir:']);
  const template = options.rest[0] ?? `${options.value('p', 'tmpdir') ?? '/tmp'}/tmp.XXXXXX`;
  let number = 0;
  for (;;) {
    const path = template.replace(/X{3,}$/, (marks) =>
      (2_176_782_336 * 36 + context.machine.now() * 7919 + number)
        .toString(36)
        .replace(/[aeiou]/g, 'K')
        .slice(-marks.length),
    );
    if (!context.machine.files.stat(context.path(path))) {
      if (options.has('d', 'directory')) context.machine.files.makeDir(context.path(path));
      else context.machine.files.write(context.path(path), '', { mode: 0o600 });
      return ok(`${path}\n`);
    }
    number++;
  }
};

const basename: Tool = ({ argv }) => {
  const several = argv.some((arg) => arg === '-a' || arg === '-s');
  const args = argv.slice(1).filter((arg) => arg !== '-a');
  const suffix = args[0] === '-s' ? args.splice(0, 2)[1] : several ? undefined : args[1];
  const shown = (path: string) => {
    const name = lastPart(path) || '/';
    return suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  };
  return ok(unlines((several ? args : args.slice(0, 1)).map(shown)));
};

const dirname: Tool = ({ argv }) =>
  ok(
    unlines(
      argv.slice(1).map((path) => {
        const trimmed = path.replace(/\/+$/, '');
        const at = trimmed.lastIndexOf('/');
        return at < 0 ? '.' : trimmed.slice(0, at) || '/';
      }),
    ),
  );

export const FILE_TOOLS: Record<string, Tool> = {
  ls,
  dir: ls,
  mkdir,
  rmdir,
  rm,
  unlink: rm,
  cp: transfer(false),
  mv: transfer(true),
  ln,
  touch,
  chmod,
  chown,
  chgrp: chown,
  stat,
  readlink,
  realpath: readlink,
  du,
  df,
  find,
  mktemp,
  basename,
  dirname,
  tar,
};
