import { Interpreter, Jump, toNumber } from './awk-interpreter.ts';
import { AwkParser, type Rule, unescapeText } from './awk-syntax.ts';
import { inputs, isBusybox, linesOf, type Tool, ToolError } from './tool.ts';

export const awk: Tool = (context) => {
  const args = context.argv.slice(1);
  const assignments: [string, string][] = [];
  let separator: string | undefined;
  let text: string | undefined;
  while (args[0]?.startsWith('-') && args[0].length > 1) {
    const option = args.shift()!;
    if (option === '--') break;
    const value = option.length > 2 ? option.slice(2) : (args.shift() ?? '');
    if (option.startsWith('-F')) separator = value;
    else if (option.startsWith('-v'))
      assignments.push([value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)]);
    else if (option.startsWith('-f')) text = inputs(context, [value])[0]!.text;
    else
      throw new ToolError(
        isBusybox(context) ? `unrecognized option: ${option.slice(1, 2)}` : `unknown option ${option} ignored`,
      );
  }
  text ??= args.shift();
  if (text === undefined)
    return {
      stdout: '',
      stderr: isBusybox(context)
        ? 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n'
        : 'Usage: mawk [Options] [Program] [file ...]\n',
      code: isBusybox(context) ? 1 : 2,
    };
  const program = new AwkParser(text).program();
  const interpreter = new Interpreter(program, context.machine.now());
  if (separator !== undefined) interpreter.variables.set('FS', separator === 't' ? '\t' : unescapeText(separator));
  for (const [name, value] of assignments) interpreter.variables.set(name, unescapeText(value));
  interpreter.arrays.set('ENVIRON', new Map(Object.entries(context.env)));
  let code = 0;
  let stderr = '';
  const step = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Jump)) throw error;
      if (error.to === 'exit') code = Number(error.value);
      return error.to === 'next';
    }
  };
  const runRule = (rule: Rule) => {
    if (rule.until) {
      if (!rule.active && !interpreter.truthy(rule.pattern!)) return;
      rule.active = !interpreter.truthy(rule.until);
    } else if (rule.pattern && !interpreter.truthy(rule.pattern)) return;
    interpreter.run(rule.body ?? { kind: 'print', args: [], format: false });
  };
  const rules = program.rules.filter((rule) => !rule.begin && !rule.end);
  const begins = program.rules.filter((rule) => rule.begin);
  let going = begins.every((rule) => step(() => interpreter.run(rule.body!)));
  const needsInput = rules.length > 0 || program.rules.some((rule) => rule.end);
  if (going && needsInput) {
    const files = args.filter((arg) => {
      const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg);
      if (match) interpreter.variables.set(match[1]!, match[2]!);
      return !match;
    });
    for (const file of files.length > 0 ? files : ['-']) {
      let content: string;
      try {
        content = inputs(context, [file])[0]!.text;
      } catch (error) {
        if (!(error as { code?: string }).code) throw error;
        stderr += isBusybox(context)
          ? `awk: ${file}: No such file or directory\n`
          : `awk: cannot open "${file}" (No such file or directory)\n`;
        code = 2;
        continue;
      }
      const separatorOfRecords = interpreter.text(interpreter.variables.get('RS')!);
      interpreter.records =
        separatorOfRecords === '\n'
          ? linesOf(content)
          : separatorOfRecords === ''
            ? content.trim().split(/\n\n+/)
            : content.replace(/\n$/, '').split(separatorOfRecords);
      interpreter.variables.set('FILENAME', file === '-' ? '' : file);
      interpreter.variables.set('FNR', 0);
      while (going && interpreter.records.length > 0) {
        const record = interpreter.records.shift()!;
        for (const name of ['NR', 'FNR'])
          interpreter.variables.set(name, toNumber(interpreter.variables.get(name)!) + 1);
        interpreter.setRecord(record);
        going = step(() => {
          for (const rule of rules) runRule(rule);
        });
      }
    }
  }
  for (const rule of program.rules.filter((candidate) => candidate.end))
    if (!step(() => interpreter.run(rule.body!))) break;
  for (const [name, content] of interpreter.files) {
    if (name === '/dev/stderr') stderr += content;
    else context.machine.files.write(context.path(name), content);
  }
  return { stdout: interpreter.output, stderr, code };
};
