import { MemoryKeeper, restoreState, snapshotState } from '../store/memory-keeper.ts';
import { MemoryState } from '../store/state.ts';
import { type CreateOptions, fillState } from './create.ts';
import { ClusterSession } from './session.ts';

/** Makes a cluster of which nothing is written to disk: the text of its state, from which any number of sessions can start. */
export async function makeSnapshot(options: Omit<CreateOptions, 'path'>): Promise<string> {
  const state = new MemoryState();
  await fillState(state, options);
  return snapshotState(state);
}

/** A session on a cluster of its own that begins as the snapshot is, and is gone with this process. */
export function openSnapshot(snapshot: string, name = 'memory'): ClusterSession {
  const keeper = new MemoryKeeper(restoreState(snapshot));
  return new ClusterSession({ path: name, command: '', open: () => keeper });
}
