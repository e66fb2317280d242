/** Functions of one library: what the checker is told of them, and what they do with values. */
export type Handler = (...args: never[]) => unknown;

/** Signatures as in declarations.ts, and the handler of all of them. */
export type CelFunction = [signatures: string | string[], handler: Handler];

export interface Library {
  functions: CelFunction[];
  /** Classes of values that are of a type of their own. */
  types?: Record<string, abstract new (...args: never[]) => object>;
}

const ORDERED = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

/** One signature for each type that can be ordered. */
export const forOrdered = (signature: (type: string) => string): string[] => ORDERED.map(signature);
