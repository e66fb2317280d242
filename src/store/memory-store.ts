import type { ObjectStore } from './object-store.ts';
import { SectionedStore } from './sectioned-store.ts';
import { MemoryState } from './state.ts';

/** An object store over a state in memory, for tests and for what needs no file. */
export const memoryStore = (state = new MemoryState()): ObjectStore => new SectionedStore(state);
