import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/request.ts';
import { ManualClock, wallClock } from '../base/clock.ts';
import type { Actor } from '../runtime/actor.ts';
import type { Client } from '../runtime/client.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import { SectionedStore } from '../store/sectioned-store.ts';
import { MemoryState } from '../store/state.ts';
import { ClusterClock } from './cluster-clock.ts';
import { Simulation, StoredRandom } from './simulation.ts';
import { TimerQueue } from './timer-queue.ts';

/** A simulation of the given actors on a manual clock at 0, and the `time actor key` of each reconcile. */
function simulate(actors: Partial<Actor>[], state = new MemoryState()) {
  if (!state.section('cluster').has('clock')) ClusterClock.initialise(state, 'manual', 0, 100, wallClock);
  const log: string[] = [];
  const defects: string[] = [];
  const store = new SectionedStore(state);
  const clock = new ClusterClock(state, wallClock);
  const whole = actors.map(
    (actor): Actor => ({
      name: 'actor',
      manager: 'test',
      latency: 0,
      watches: [],
      ...actor,
      reconcile(key, world) {
        log.push(`${world.now()} ${this.name} ${key}`);
        return actor.reconcile?.(key, world);
      },
    }),
  );
  const simulation: Simulation = new Simulation({
    state,
    store,
    clock,
    load: async () => ({
      actors: whole,
      worldOf: (actor) => ({
        client: {} as Client,
        events: {} as EventRecorder,
        random: new StoredRandom(state),
        state,
        now: () => clock.now(),
        wake: (key, time, other = actor.name) => simulation.timers.wake(other, key, time),
      }),
    }),
    onDefect: (error) => defects.push((error as Error).message),
  });
  return { simulation, state, store, clock, log, defects };
}

const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } });

describe('the timer queue', () => {
  it('orders by time, then by the order of setting, and keeps the earliest of each key', () => {
    const queue = new TimerQueue(new MemoryState());
    queue.wake('a', 'late', 30);
    queue.wake('a', 'first', 10);
    queue.wake('b', 'second', 10);
    queue.wake('a', 'late', 20);
    queue.wake('a', 'first', 15);
    expect(queue.nextTime).toBe(10);
    const popped = [];
    for (let timer = queue.pop(100); timer; timer = queue.pop(100)) popped.push(`${timer.time} ${timer.key}`);
    expect(popped).toEqual(['10 first', '10 second', '20 late']);
  });

  it('comes back from the state as it was', () => {
    const state = new MemoryState();
    const queue = new TimerQueue(state);
    for (const [key, time] of [
      ['x', 5],
      ['y', 3],
      ['z', 5],
      ['w', 4],
    ] as const)
      queue.wake('a', key, time);
    queue.pop(3);
    queue.wake('b', 'x', 1, 2);
    queue.flush();
    const again = new TimerQueue(state);
    expect(again.nextTime).toBe(1);
    again.wake('a', 'new', 5);
    const popped = [];
    for (let timer = again.pop(100); timer; timer = again.pop(100))
      popped.push([timer.actor, timer.key, timer.failures]);
    expect(popped).toEqual([
      ['b', 'x', 2],
      ['a', 'w', 0],
      ['a', 'x', 0],
      ['a', 'z', 0],
      ['a', 'new', 0],
    ]);
  });
});

describe('the simulation', () => {
  const watcher: Partial<Actor> = {
    name: 'watcher',
    latency: 10,
    watches: [{ resource: 'pods', keys: ({ object }) => [object.metadata.name!] }],
  };

  it('wakes actors by changes after their latency, once for each key', async () => {
    const { simulation, store, log, clock } = simulate([watcher]);
    store.write('pods', pod('one'));
    store.write('pods', pod('one'));
    store.write('services', pod('two'));
    await simulation.runUntil(50);
    expect(log).toEqual(['10 watcher one']);
    expect(clock.now()).toBe(50);
  });

  it('jumps from event to event, and gives the same again from a saved state', async () => {
    const ticker: Partial<Actor> = {
      name: 'ticker',
      reconcile: (key, world) => world.wake(key, world.now() + 1000),
    };
    const one = simulate([ticker]);
    one.simulation.timers.wake('ticker', 'k', 500);
    await one.simulation.runUntil(1600);
    one.simulation.timers.flush();
    one.clock.flush(true);
    const two = simulate([ticker], one.state);
    await two.simulation.runUntil(3600);
    expect([...one.log, ...two.log]).toEqual(['500 ticker k', '1500 ticker k', '2500 ticker k', '3500 ticker k']);
  });

  it('repeats what failed, later each time; an answer of the API is no defect', async () => {
    let left = 3;
    const failing: Partial<Actor> = {
      name: 'failing',
      reconcile() {
        left--;
        if (left === 2) throw new ApiError(409, 'Conflict', 'changed meanwhile');
        if (left === 1) throw new Error('broken');
      },
    };
    const { simulation, log, defects } = simulate([failing]);
    simulation.timers.wake('failing', 'k', 0);
    await simulation.runUntil(1000);
    expect(log).toEqual(['0 failing k', '5 failing k', '15 failing k']);
    expect(defects).toEqual(['broken']);
  });

  it('is settled when nothing that counts is due within 5 s', async () => {
    const steps: Partial<Actor> = {
      name: 'steps',
      settles: (key) => key !== 'heartbeat',
      reconcile(key, world) {
        if (key === 'heartbeat') world.wake(key, world.now() + 1000);
        else if (world.now() < 12_000) world.wake(key, world.now() + 4000);
        else world.wake(key, world.now() + 6000);
      },
    };
    const { simulation, clock } = simulate([steps]);
    simulation.timers.wake('steps', 'heartbeat', 0);
    simulation.timers.wake('steps', 'work', 0);
    await simulation.runUntilSettled();
    expect(clock.now()).toBe(12_000);
  });
});

describe('a real clock', () => {
  it('follows the wall, keeps what was advanced, and pauses after half an hour without a command', () => {
    const wall = new ManualClock(1_000_000);
    const state = new MemoryState();
    ClusterClock.initialise(state, 'real', 1_000_000, 0, wall);
    const minutes = (n: number) => n * 60_000;
    const open = () => new ClusterClock(state, wall);
    wall.moveTo(wall.now() + minutes(10));
    expect(open().beginCommand() - 1_000_000).toBe(minutes(10));
    open().skip(minutes(60));
    expect(open().beginCommand() - 1_000_000).toBe(minutes(70));
    wall.moveTo(wall.now() + minutes(24 * 60));
    expect(open().beginCommand() - 1_000_000).toBe(minutes(100));
  });
});
