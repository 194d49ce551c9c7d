// All viewers of one channel: each tick's frames become bytes once, in one ring, and go to everybody.
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { LiveSession, ViewerFacts } from '../on-air/live-messages.ts';
import { TICKS_PER_MS } from './time-line.ts';
import { createGopRing } from './transport-stream/gop-ring.ts';
import type { PlacedUnit } from './transport-stream/unit.ts';
import { openViewer, type Viewer } from './viewer.ts';

/** How far a viewer may fall behind before it is skipped forward, and what a channel holds in memory. */
const RING = { mostBytes: 24 * 2 ** 20, mostTicks: 10_000 * TICKS_PER_MS };
/** A joiner gets so much at once, and up to a GOP more. */
const JOIN_BEHIND_TICKS = 2_000 * TICKS_PER_MS;

export type ViewerSetDeps = {
  readonly clock: Pick<Clock, 'now'>;
  readonly idleStopMs: number;
  readonly onEnd: (id: string, reason: string, bytes: number) => void;
  /** Nobody was there for `idleStopMs`. */
  readonly onIdle: () => void;
};

export type ViewerSet = {
  join(facts: ViewerFacts, socket: Socket): void;
  send(units: readonly PlacedUnit[]): void;
  look(passedMs: number): void;
  count(): number;
  state(): LiveSession['viewers'];
  endOne(id: string): void;
  closeAll(reason: string): void;
};

export function createViewerSet({ clock, idleStopMs, onEnd, onIdle }: ViewerSetDeps): ViewerSet {
  const ring = createGopRing(RING);
  const viewers = new Map<string, Viewer>();
  let newest = 0;
  let idle: NodeJS.Timeout | null = null;
  const left = (id: string, reason: string): void => {
    const viewer = viewers.get(id);
    if (viewer === undefined) return;
    viewers.delete(id);
    viewer.close();
    onEnd(id, reason, viewer.bytes());
    if (viewers.size === 0) idle = setTimeout(onIdle, idleStopMs);
  };
  return {
    join(facts, socket) {
      if (idle !== null) clearTimeout(idle);
      idle = null;
      const { id } = facts;
      const joinAt = ring.keyFor(newest - JOIN_BEHIND_TICKS)?.number ?? null;
      const viewer = openViewer({ facts, socket, nowMs: clock.now(), ring, joinAt, onEnd: (reason) => left(id, reason) });
      viewers.set(id, viewer);
      viewer.feed();
    },
    send(units) {
      if (units.length === 0) return;
      ring.push(units);
      for (const { pts } of units) newest = Math.max(newest, pts);
      for (const viewer of viewers.values()) viewer.feed();
    },
    look(passedMs) {
      for (const viewer of viewers.values()) viewer.look(passedMs);
    },
    count: () => viewers.size,
    state: () =>
      [...viewers.values()].map((viewer) => ({
        ...{ id: viewer.facts.id, consumer: viewer.facts.consumer, address: viewer.facts.address },
        ...{ sinceMs: viewer.sinceMs, bytes: viewer.bytes(), bps: viewer.bps(), skips: viewer.skips() },
      })),
    endOne: (id) => left(id, 'ended by Headgate'),
    closeAll(reason) {
      for (const id of viewers.keys()) left(id, reason);
      if (idle !== null) clearTimeout(idle);
    },
  };
}
