// What plays on the simulated server: told of at once, listed later, forgotten with the power.
import { randomBytes } from 'node:crypto';
import type { BrainDecision } from './streaming-brain.ts';

export type PlayerState = 'playing' | 'paused' | 'buffering';
export type MediaKind = 'movie' | 'episode' | 'clip' | 'track' | 'photo';

/** Where Plex says that the player is; null and absent things are left out of the answer. */
export type PlayerIdentity = {
  readonly userId: number;
  readonly user: string;
  readonly address: string | null;
  readonly remotePublicAddress: string | null;
  readonly location: 'lan' | 'wan' | 'cellular' | null;
  readonly local: boolean | null;
  readonly relayed: boolean;
  readonly device: string;
  readonly product: string;
  readonly machineIdentifier: string;
};

export type PlayedItem = {
  readonly ratingKey: string;
  readonly title: string;
  readonly kind: MediaKind;
  readonly live: boolean;
  readonly bitrateKbps: number;
  readonly height: number;
  readonly durationMs: number;
  readonly context: 'streaming' | 'static';
  readonly withoutSession: boolean;
  readonly stopsUnderNewKey: boolean;
  /** Fields of TranscodeSession that differ from the usual; null where none was asked for. */
  readonly transcode: Readonly<Record<string, string | number | boolean>> | null;
};

export type Session = {
  /** Counted from 1 since the server started. */
  readonly key: string;
  readonly id: string;
  transcodeId: string;
  readonly player: PlayerIdentity;
  item: PlayedItem;
  decision: BrainDecision;
  readonly remote: boolean;
  state: PlayerState;
  positionMs: number;
  /** performance.now() of the last change of state or position. */
  changedAt: number;
  listed: boolean;
  ended: boolean;
};

export type Sessions = {
  add(session: Pick<Session, 'player' | 'item' | 'decision' | 'remote' | 'state'>): Session;
  /** Carries the position to now before a change. */
  change(session: Session, change: { readonly state?: PlayerState; readonly positionMs?: number }): void;
  /** The next item of a play queue under the same key. */
  replace(session: Session, next: Pick<Session, 'item' | 'decision' | 'state'>): void;
  end(session: Session): void;
  /** The next session key. */
  takeKey(): string;
  /** In the answer of /status/sessions now. */
  listed(): readonly Session[];
  /** Those that did not end. */
  running(): readonly Session[];
  /** As the power goes: keys start anew. */
  forget(): void;
};

export function positionOf(session: Session): number {
  const moved = session.state === 'playing' ? performance.now() - session.changedAt : 0;
  return Math.min(session.item.durationMs, Math.round(session.positionMs + moved));
}

export function createSessions(listDelayMs: number): Sessions {
  const sessions = new Set<Session>();
  const timers = new Set<NodeJS.Timeout>();
  let lastKey = 0;
  const takeKey = () => {
    lastKey += 1;
    return String(lastKey);
  };
  const later = (work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, listDelayMs);
    timers.add(timer);
  };
  return {
    takeKey,
    add(wanted) {
      const session: Session = {
        player: wanted.player,
        item: wanted.item,
        decision: wanted.decision,
        remote: wanted.remote,
        state: wanted.state,
        key: takeKey(),
        id: randomBytes(12).toString('hex'),
        transcodeId: randomBytes(12).toString('hex'),
        positionMs: 0,
        changedAt: performance.now(),
        listed: false,
        ended: false,
      };
      sessions.add(session);
      later(() => {
        session.listed = true;
      });
      return session;
    },
    change(session, change) {
      session.positionMs = change.positionMs ?? positionOf(session);
      session.changedAt = performance.now();
      session.state = change.state ?? session.state;
    },
    replace(session, next) {
      session.item = next.item;
      session.decision = next.decision;
      session.state = next.state;
      session.transcodeId = randomBytes(12).toString('hex');
      session.positionMs = 0;
      session.changedAt = performance.now();
    },
    end(session) {
      session.ended = true;
      later(() => sessions.delete(session));
    },
    listed: () => [...sessions].filter((session) => session.listed),
    running: () => [...sessions].filter((session) => !session.ended),
    forget() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      for (const session of sessions) session.ended = true;
      sessions.clear();
      lastKey = 0;
    },
  };
}
