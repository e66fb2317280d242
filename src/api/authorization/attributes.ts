/** What somebody wants to do: on a resource (`pods`, `pods/log`), or on a path that is none. */
export type Attributes =
  | { verb: string; group: string; resource: string; namespace: string; name: string; path?: undefined }
  | { verb: string; path: string };
