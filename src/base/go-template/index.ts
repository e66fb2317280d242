import { execute, TemplateError } from './execute.ts';
import { FUNCTION_NAMES } from './functions.ts';
import type { Statement } from './nodes.ts';
import { parseTemplate } from './parse.ts';

/** A text/template with kubectl's functions (exists, base64decode). Data are JSON values, whose whole numbers count as int64. */
export class GoTemplate {
  private readonly templates: Map<string, Statement[]>;

  /** Throws an Error with text/template's message ("template: NAME:1: …") when `text` cannot be read. */
  constructor(
    private readonly name: string,
    private readonly text: string,
    private readonly options: { missingKeyFails?: boolean } = {},
  ) {
    this.templates = parseTemplate(name, text, FUNCTION_NAMES);
  }

  /** What the template writes; when it fails, what it had written by then, with the error. */
  execute(data: unknown): { text: string; error?: Error } {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    try {
      const source = { name: this.name, text: this.text };
      const { missingKeyFails = false } = this.options;
      execute({ source, templates: this.templates, write, missingKeyFails }, data);
      return { text };
    } catch (error) {
      if (error instanceof TemplateError) return { text, error };
      throw error;
    }
  }
}

/** What the template `text` makes of `data`; throws its errors. */
export function executeTemplate(text: string, data: unknown): string {
  const result = new GoTemplate('', text).execute(data);
  if (result.error) throw result.error;
  return result.text;
}
