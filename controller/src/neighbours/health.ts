// How well a neighbour can be heard, as every adapter tells it.

/** How well a neighbour can be heard. `since` is when this state began. */
export type NeighbourHealth = {
  /** `live` by push · `polling` push is down or mute · `starting` · `unreachable` no answer · `refused` wrong key or password, not retried. */
  readonly state: 'live' | 'polling' | 'starting' | 'unreachable' | 'refused';
  readonly since: number;
  /** A sentence for a person; null when all is well. */
  readonly problem: string | null;
};
