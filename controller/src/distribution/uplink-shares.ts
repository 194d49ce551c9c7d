// Pure: one limit among all that sends over it at once: each gets what it uses, those that want more share the rest alike, and nobody is starved.

/** bit/s. @property givenBps what it could have so far; null: as much as it liked. @property isWaited its readers are known to wait. */
export type Sender = {
  readonly id: string;
  readonly usedBps: number;
  readonly givenBps: number | null;
  readonly isWaited: boolean;
  /** It follows at once; what nobody asks for is given to those. */
  readonly isQuick: boolean;
};

/** When each last wanted more than it had, steady ms. */
export type Wishes = ReadonlyMap<string, number>;

/** Who uses so much of its share is held up by it. */
const HELD_UP = 0.8;
/** A measured rate follows a larger share within some seconds. */
const WISH_MS = 6_000;
/** For one at rest: enough to be seen wanting more. */
const NET_BPS = 64_000;
const NET_SHARE = 0.05;
const ALL_NETS_SHARE = 0.25;
/** What is used goes up and down all the time: a share moves in steps. */
const STEP = 1.25;
const LEAST_BPS = 1;

export function nextWishes(before: Wishes, senders: readonly Sender[], now: number): Wishes {
  const wishes = senders.flatMap(({ id, usedBps, givenBps, isWaited }): (readonly [string, number])[] => {
    if (isWaited || (givenBps !== null && usedBps > 0 && usedBps >= givenBps * HELD_UP)) return [[id, now]];
    const at = before.get(id);
    return at === undefined || now - at >= WISH_MS ? [] : [[id, at]];
  });
  return new Map(wishes);
}

/** The least that each of so many may have. */
export const netOf = (totalBps: number, count: number): number =>
  Math.max(LEAST_BPS, Math.min(Math.max(NET_BPS, totalBps * NET_SHARE), (totalBps * ALL_NETS_SHARE) / count));

/** Whole bit/s, at least 1 each; together no more than `totalBps`, where that is at least 1 for each. */
export function shareUplink(totalBps: number, senders: readonly Sender[], wishes: Wishes): ReadonlyMap<string, number> {
  const net = netOf(totalBps, senders.length);
  const claims = senders
    .map((sender) => ({
      ...sender,
      wantedBps: wishes.has(sender.id) ? Number.POSITIVE_INFINITY : Math.max(net, step(sender.usedBps)),
    }))
    .sort((a, b) => a.wantedBps - b.wantedBps);
  const shares = new Map<string, number>();
  let left = totalBps;
  for (const [index, { id, wantedBps }] of claims.entries()) {
    const share = Math.min(wantedBps, left / (claims.length - index));
    shares.set(id, share);
    left -= share;
  }
  const quick = senders.filter(({ isQuick }) => isQuick);
  for (const { id } of quick) shares.set(id, (shares.get(id) ?? 0) + left / quick.length);
  return new Map([...shares].map(([id, bps]) => [id, Math.max(LEAST_BPS, Math.floor(bps))]));
}

/** With room to grow, on a ladder. */
const step = (usedBps: number): number => (usedBps <= 0 ? 0 : STEP ** Math.ceil(Math.log(usedBps * STEP) / Math.log(STEP)));
