import type { CommitInfo } from './journal.ts';
import { MemoryState } from './state.ts';
import { formatState, parseState } from './state-format.ts';

/** Who may change a state. */
export interface StateLock {
  readonly held: boolean;
  acquire(): void;
  tryAcquire(): boolean;
  /** Tells others that the owner lives. */
  refresh(): void;
  release(): void;
}

/** What keeps a cluster's state from command to command: a file (StateFile), or this process alone (MemoryKeeper). */
export interface StateKeeper {
  readonly state: MemoryState;
  readonly lock: StateLock;
  /** Nobody but this process changes the state. */
  readonly alone?: true;
  /** A new look at it, with the lock that this one has. */
  reopen(): StateKeeper;
  /** Whether nobody changed it since it was read or saved here. */
  isCurrent(): boolean;
  /** Makes all changes last, or none. Throws StateFileError. */
  save(info: CommitInfo): void;
}

/** A state that is never written anywhere: what was parsed and changed simply stays. */
export class MemoryKeeper implements StateKeeper {
  readonly alone = true;
  #held = false;
  readonly lock: StateLock;

  constructor(readonly state: MemoryState = new MemoryState()) {
    const keeper = this;
    this.lock = {
      get held() {
        return keeper.#held;
      },
      acquire() {
        keeper.#held = true;
      },
      tryAcquire() {
        keeper.#held = true;
        return true;
      },
      refresh() {},
      release() {
        keeper.#held = false;
      },
    };
  }

  reopen(): StateKeeper {
    return this;
  }

  isCurrent(): boolean {
    return true;
  }

  save(): void {
    this.state.settleChanges();
  }
}

/** All of a state as text: what `restoreState` makes any number of equal states from. */
export const snapshotState = (state: MemoryState): string => formatState(state, 1);

/** A state of its own from a snapshot; nothing of it is parsed before it is asked for. */
export function restoreState(snapshot: string): MemoryState {
  const state = new MemoryState();
  parseState(snapshot, 'a snapshot', state);
  return state;
}
