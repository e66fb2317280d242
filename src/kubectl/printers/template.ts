import { goSyntax, goValue } from '../../base/go-quote.ts';
import type { Invocation } from '../command.ts';
import { asError, CommandError } from '../errors.ts';
import type { ObjectPrinter, Printable } from './print-flags.ts';

/** Makes the printer of one format from its template. */
type Format = (template: string, invocation: Invocation, typed: boolean) => Promise<ObjectPrinter>;

const FORMATS: Record<string, Format> = {
  jsonpath: (template, invocation) => jsonPathPrinter(template, false, invocation),
  'jsonpath-as-json': (template, invocation) => jsonPathPrinter(template, true, invocation),
  'jsonpath-file': (file, invocation) => jsonPathPrinter(templateFile(invocation, file), false, invocation),
  'go-template': goTemplatePrinter,
  'go-template-file': (file, invocation, typed) => goTemplatePrinter(templateFile(invocation, file), invocation, typed),
  template: goTemplatePrinter,
  templatefile: (file, invocation, typed) => goTemplatePrinter(templateFile(invocation, file), invocation, typed),
};

/**
 * The printer of `-o jsonpath=…`, `-o go-template=…` and their kin; `template` is --template's value, '' without one. `typed`
 * objects are shown in the order of their fields.
 */
export async function templatePrinter(
  invocation: Invocation,
  output: string,
  template: string,
  typed = false,
): Promise<ObjectPrinter> {
  const at = template ? -1 : output.indexOf('=');
  const format = at < 0 ? output : output.slice(0, at);
  const text = template || (at < 0 ? '' : output.slice(at + 1));
  const make = FORMATS[format];
  if (!make)
    throw new CommandError(`unable to match a printer suitable for the output format ${JSON.stringify(output)}`);
  if (text === '') throw new CommandError('template format specified but no template given');
  return make(text, invocation, typed);
}

function templateFile({ environment }: Invocation, file: string): string {
  try {
    return environment.host.readFile(file);
  } catch (error) {
    throw new CommandError(`error reading --template ${file}, ${asError(error).message}\n`);
  }
}

function allowsMissingKeys({ flags }: Invocation): boolean {
  const name = 'allow-missing-template-keys';
  return !flags.has(name) || flags.bool(name);
}

async function jsonPathPrinter(template: string, asJson: boolean, invocation: Invocation): Promise<ObjectPrinter> {
  const { JsonPath } = await import('../../base/jsonpath/index.ts');
  const allowMissingKeys = allowsMissingKeys(invocation);
  const path = compile('jsonpath', template, () => new JsonPath(template, { allowMissingKeys, asJson }));
  return (object) => {
    try {
      return path.execute(object);
    } catch (error) {
      const about =
        `Error executing template: ${asError(error).message}. Printing more information for debugging the template:\n` +
        `\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(object)}\n\n`;
      throw new CommandError(`error executing jsonpath ${goSyntax(template)}: ${about}\n`);
    }
  };
}

function compile<T>(language: string, template: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandError(`error parsing ${language} ${template}, ${asError(error).message}\n`);
  }
}

async function goTemplatePrinter(template: string, invocation: Invocation, typed: boolean): Promise<ObjectPrinter> {
  const { GoTemplate } = await import('../../base/go-template/index.ts');
  const { goJson } = await import('../../base/go-json.ts');
  const missingKeyFails = !allowsMissingKeys(invocation);
  const parsed = compile('template', template, () => new GoTemplate('output', template, { missingKeyFails }));
  return (object: Printable) => {
    const { text, error } = parsed.execute(object);
    if (!error) return text;
    // kubectl says it twice: what it knows goes to standard output, after what the template had written by then.
    invocation.environment.io.out(
      `${text}Error executing template: ${error.message}. Printing more information for debugging the template:\n` +
        `\ttemplate was:\n\t\t${template}\n\traw data was:\n\t\t${goJson(object, { sortKeys: !typed })}\n` +
        `\tobject given to template engine was:\n\t\t${goValue(object)}\n\n`,
    );
    throw new CommandError(`error executing template ${goSyntax(template)}: ${error.message}`);
  };
}
