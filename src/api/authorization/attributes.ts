import type { FieldTerm } from '../machinery/selectors.ts';

/** What somebody wants to do: on a resource (`pods`, `pods/log`), or on a path that is none. */
export type Attributes =
  | {
      verb: string;
      group: string;
      resource: string;
      namespace: string;
      name: string;
      path?: undefined;
      /** Of a list or watch. */
      fields?: readonly FieldTerm[];
    }
  | { verb: string; path: string };

export type ResourceAttributes = Extract<Attributes, { resource: string }>;

/** A resource as rules name it: `pods`, `pods/log`. */
export const resourceText = (resource: string, subresource = ''): string =>
  subresource ? `${resource}/${subresource}` : resource;
