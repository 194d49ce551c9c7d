// Pure: in what two decisions over the same world differ for those whom they limit.

import type { Decision, TorrentCap, ViewerCap } from '../../decision.ts';
import { mbitOf } from '../../rate-words.ts';

const mbit = (bps: number | null): string => (bps === null ? 'no cap of ours' : mbitOf(bps));
const MOST_SHOWN = 4;

export const isSame = (a: Decision, b: Decision): boolean =>
  a.mode === b.mode &&
  sameCaps(a.viewers, b.viewers) &&
  sameCaps(a.torrents, b.torrents) &&
  sameCaps(a.downloads, b.downloads) &&
  a.pausedClients.join() === b.pausedClients.join();

type Capped = { readonly capBps: number | null };

/** Both are over the same world, in the same order. */
const sameCaps = (a: readonly Capped[], b: readonly Capped[]): boolean =>
  a.length === b.length && a.every(({ capBps }, i) => capBps === b[i]?.capBps);

/** For a person: the mode, who is capped otherwise, what torrents have otherwise. */
export function inWords(before: Decision, after: Decision): string {
  const modes = before.mode === after.mode ? [] : [`mode ${before.mode} → ${after.mode}`];
  const viewers = pairs(before.viewers, after.viewers).map(
    ([a, b]) => `${a.server}/${a.name}: ${mbit(a.capBps)} → ${mbit(b.capBps)}`,
  );
  const clients = [
    ...pairs(before.torrents, after.torrents).map(([a, b]) => inClient('uploads', a, b)),
    ...pairs(before.downloads, after.downloads).map(([a, b]) => inClient('downloads', a, b)),
  ];
  const [stopped, stops] = [before.pausedClients.join(', '), after.pausedClients.join(', ')];
  const pauses = stopped === stops ? [] : [`stopped clients: ${stopped || 'none'} → ${stops || 'none'}`];
  const all = [...modes, ...viewers, ...clients, ...pauses];
  const more = all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : '';
  return `${all.slice(0, MOST_SHOWN).join('; ')}${more}`;
}

const inClient = (what: string, a: TorrentCap, b: TorrentCap): string =>
  `${what} of ${a.client} (${a.mode}): ${mbit(a.capBps)} → ${mbit(b.capBps)}`;

const pairs = <T extends ViewerCap | TorrentCap>(a: readonly T[], b: readonly T[]): readonly (readonly [T, T])[] =>
  a.flatMap((one, i) => {
    const other = b[i];
    return other === undefined || other.capBps === one.capBps ? [] : [[one, other] as const];
  });
