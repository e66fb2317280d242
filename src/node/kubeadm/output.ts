import { JsonPath } from '../../base/jsonpath/index.ts';

/** What `-o jsonpath=TEMPLATE` prints of a value. */
export const printJsonPath = (template: string, value: unknown): string =>
  new JsonPath(template, { allowMissingKeys: true }).execute(value);
