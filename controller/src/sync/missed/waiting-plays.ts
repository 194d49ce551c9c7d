// Playings that a server told of otherwise than by its hooks, until it is clear whether a hook came.

export type Play = {
  readonly userId: string;
  readonly itemId: string;
  /** By the server's clock. */
  readonly atMs: number;
  /** A beginning is saved in any case; an end that failed is not. */
  readonly began: boolean;
  /** A hook that is older than `atMs` by no more than this is of this playing. */
  readonly withinMs: number;
};

export type WaitingPlays = {
  add(play: Play): void;
  /** Takes out those that are older than this, the newest first, and no more than so many. */
  takeBefore(atMs: number, most: number): readonly Play[];
};

/** Of one server: a home that is told of more than it can look at is compared whole anyway. */
const MOST = 1_000;

export function createWaitingPlays(): WaitingPlays {
  let waiting: readonly Play[] = [];
  /** By the session and by the log it is the same playing. */
  const isOf = (play: Play, other: Play): boolean =>
    play.userId === other.userId &&
    play.itemId === other.itemId &&
    play.began === other.began &&
    Math.abs(play.atMs - other.atMs) <= Math.max(play.withinMs, other.withinMs);
  return {
    add(play) {
      const same = waiting.find((one) => isOf(play, one));
      if (same !== undefined && same.withinMs <= play.withinMs) return;
      waiting = [...waiting.filter((one) => one !== same), play].slice(-MOST);
    },
    takeBefore(atMs, most) {
      const due = waiting.filter((play) => play.atMs <= atMs).sort((a, b) => b.atMs - a.atMs);
      const taken = due.slice(0, most);
      waiting = waiting.filter((play) => !taken.includes(play));
      return taken;
    },
  };
}
