import type { Invocation } from '../command.ts';
import { asError, CommandError } from '../errors.ts';
import { CustomColumnsPrinter, columnsFromFile, columnsFromSpec } from './custom-columns.ts';
import type { ObjectPrinter } from './print-flags.ts';

/** The printer of `-o custom-columns=…` and `-o custom-columns-file=…`. */
export function customColumnsPrinter({ flags, environment }: Invocation, output: string): ObjectPrinter {
  const template = flags.has('template') ? flags.string('template') : '';
  const at = template ? -1 : output.indexOf('=');
  const format = at < 0 ? output : output.slice(0, at);
  const value = template || (at < 0 ? '' : output.slice(at + 1));
  if (value === '') throw new CommandError('custom-columns format specified but no custom columns given');
  const readFile = () => {
    try {
      return environment.host.readFile(value);
    } catch (error) {
      throw new CommandError(`error reading template ${value}, ${asError(error).message}\n`);
    }
  };
  const fromFile = format === 'custom-columns-file';
  const columns = fromFile ? columnsFromFile(readFile()) : columnsFromSpec(value);
  const printer = new CustomColumnsPrinter(columns, !fromFile && flags.has('no-headers') && flags.bool('no-headers'));
  return (object) => {
    const { text, error } = printer.print(object);
    if (!error) return text;
    environment.io.out(text);
    throw error;
  };
}
