/** A message for the user, in kubemu's own words; not a defect. */
export class UserError extends Error {}
