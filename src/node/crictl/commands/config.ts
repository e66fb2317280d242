import { type CliCommand, commandHelp, UsageError } from '../cli.ts';
import { CONFIG_FILE, readConfig } from '../connection.ts';
import { table } from '../format.ts';

/** crictl's options with what they are when the file does not say, in the order of `config --list`. */
const OPTIONS: Record<string, string> = {
  'runtime-endpoint': '',
  'image-endpoint': '',
  timeout: '2',
  debug: 'false',
  'pull-image-on-create': 'false',
  'disable-pull-on-run': 'false',
  'max-retries': '3',
};

const NUMBERS = new Set(['timeout', 'max-retries']);

const known = (name: string): string => {
  if (OPTIONS[name] === undefined) throw new UsageError(`no configuration option named ${name}`);
  return name;
};

/** The file as crictl writes it: every option, texts in quotes. */
function render(values: Record<string, string>): string {
  const quoted = (name: string, value: string) =>
    NUMBERS.has(name) || /^(true|false)$/.test(value) ? value : JSON.stringify(value);
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${quoted(name, value)}\n`)
    .join('');
}

export const config: CliCommand = {
  name: 'config',
  summary: 'Get, set and list crictl configuration options',
  arguments: '[<crictl options>]',
  service: 'none',
  flags: [
    { name: 'get', type: 'string', usage: 'Show the option value' },
    { name: 'list', type: 'bool', usage: 'Show all option value' },
    { name: 'set', type: 'strings', usage: 'Set options: NAME=VALUE, several with commas between' },
  ],
  run({ host, flags, args }) {
    const values = { ...OPTIONS, ...readConfig(host.files) };
    const ok = (stdout = '') => ({ stdout, stderr: '', code: 0 });
    const get = flags.text('get');
    if (get !== undefined) return ok(`${values[known(get)]}\n`);
    const rows = Object.keys(OPTIONS).slice(0, 6);
    if (flags.has('list')) return ok(table([['KEY', 'VALUE'], ...rows.map((name) => [name, values[name]!])]));
    const settings = flags.all('set').flatMap((text) => text.split(',').map((pair) => pair.split(/=(.*)/s)));
    if (args.length > 0) settings.push([args[0]!, args[1] ?? '']);
    if (settings.length === 0) return ok(commandHelp(config, true));
    for (const [name = '', value = ''] of settings) {
      const option = known(name);
      if (NUMBERS.has(option) && !/^-?\d+$/.test(value))
        throw new UsageError(
          `parse ${option} value '${value}': strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
        );
      values[option] = value;
    }
    host.files.write(CONFIG_FILE, render(values));
    return ok();
  },
};
