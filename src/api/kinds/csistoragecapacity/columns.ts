import type { KindView } from '../kind.ts';

/** Nothing but what all kinds have. */
export const view: KindView = {};
