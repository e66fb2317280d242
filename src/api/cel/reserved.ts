/** Words that no identifier of an expression may be (the language's keywords and what it keeps for later). */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
);
