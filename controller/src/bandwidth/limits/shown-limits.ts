// What stands at each neighbour beside what was there before us: so that a hand's edit, a speed mode and a server-wide limit are seen to be respected.
import type { ModeLimits } from '../../neighbours/download-client.ts';
import { viewerKey } from '../watched-streams.ts';
import type { World } from '../world.ts';
import { judgeLimit } from './judge-limit.ts';
import { torrentTarget, userTarget } from './limit-targets.ts';

/** bit/s; 0 or less is none. */
export type UserLimitShown = {
  readonly standsBps: number;
  /** What it goes back to: the user's own. */
  readonly originalBps: number;
  /** Of the server for everybody: it applies wherever the user's is none. */
  readonly serverBps: number;
};

/** Of each speed mode, what it goes back to; null where the client has no such limit. */
export type ClientOriginals = { readonly up: ModeLimits | null; readonly down: ModeLimits | null };

/** By viewer. */
export function userLimitsShown({ servers, targets, limits }: World): ReadonlyMap<string, UserLimitShown> {
  const shown = servers.flatMap(({ server, state }) => {
    const { users, rules } = state();
    return (users ?? []).map((user): readonly [string, UserLimitShown] => {
      const key = userTarget(server.name, user.id);
      const standsBps = targets.standing(key)?.bps ?? user.limitBps;
      const { originalBps } = judgeLimit(standsBps, limits.record(key));
      return [viewerKey(server.name, user.id), { standsBps, originalBps, serverBps: rules?.limitBps ?? 0 }];
    });
  });
  return new Map(shown);
}

/** By client. */
export function clientOriginals({ torrents, limits }: World): ReadonlyMap<string, ClientOriginals> {
  return new Map(
    torrents.map(({ client, reading }) => {
      const now = reading();
      const before = (direction: 'upload' | 'download', set: ModeLimits | null | undefined): ModeLimits | null => {
        if (!set) return null;
        const of = (mode: keyof ModeLimits): number =>
          judgeLimit(set[mode], limits.record(torrentTarget(client.name, { direction, mode }))).originalBps;
        return { normal: of('normal'), alternative: of('alternative') };
      };
      return [client.name, { up: before('upload', now?.uploadLimitBps), down: before('download', now?.downloadLimitBps) }];
    }),
  );
}
