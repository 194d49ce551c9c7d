// What the Live TV routes need, and who may use them.
import { refusals } from './answer.ts';
import type { LiveTv } from './live-tv.ts';
import type { Exchange } from './route-table.ts';
import type { Users } from './users.ts';
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type LiveTvRoutesNeed = {
  readonly liveTv: LiveTv;
  readonly users: Users;
  readonly serverId: string;
  readonly behaviour: JellyfinBehaviour;
  readonly now: () => number;
};

/** Up to 10.11.6 whoever may manage Live TV, since then an admin or a key. */
export function mustManage(exchange: Exchange, behaviour: JellyfinBehaviour): void {
  const { isAdministrator, user } = exchange.caller;
  if (isAdministrator) return;
  if (behaviour.liveTvNeedsAdmin || user?.policy['EnableLiveTvManagement'] !== true) throw refusals.forbidden();
}

export function mustWatch(exchange: Exchange): void {
  if (exchange.caller.user?.policy['EnableLiveTvAccess'] === false) throw refusals.forbidden();
}
