// The newest word of each router on each of its WANs, and when it was heard here.
import type { Link, Presence, ShaperState, SqmState, Throughput } from '@headgate/protocol';

export type WanLatest = {
  readonly router: string;
  readonly wan: string;
  readonly throughput: Throughput | null;
  /** Steady ms and UTC ms of the newest throughput. */
  readonly heardAt: number | null;
  readonly heardUtc: number | null;
  readonly sqm: SqmState | null;
  readonly link: Link | null;
};

export type RouterLatest = { readonly router: string; readonly presence: Presence | null; readonly shaper: ShaperState | null };

/** At most this many routers and WANs are kept: names come from the network. */
const MOST_WANS = 64;
const MOST_ROUTERS = 16;

export function createLatest() {
  const wans = new Map<string, WanLatest>();
  const routers = new Map<string, RouterLatest>();
  return {
    /** Takes what is new of one WAN; answers false where there are too many already. */
    take(router: string, wan: string, change: Partial<Omit<WanLatest, 'router' | 'wan'>>): boolean {
      const key = `${router}/${wan}`;
      const before = wans.get(key) ?? { router, wan, throughput: null, heardAt: null, heardUtc: null, sqm: null, link: null };
      if (!wans.has(key) && wans.size >= MOST_WANS) return false;
      wans.set(key, { ...before, ...change });
      return true;
    },
    takeRouter(router: string, change: Partial<Omit<RouterLatest, 'router'>>): void {
      if (!routers.has(router) && routers.size >= MOST_ROUTERS) return;
      routers.set(router, { ...(routers.get(router) ?? { router, presence: null, shaper: null }), ...change });
    },
    wans: (): readonly WanLatest[] => [...wans.values()],
    routers: (): readonly RouterLatest[] => [...routers.values()],
  };
}
