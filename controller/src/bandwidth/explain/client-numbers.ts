// Pure: the numbers behind the limits of download clients, as they are kept with a decision.
import { z } from 'zod';
import type { Decision, DecisionInput, DecisionMemory, TorrentCap, TorrentInput } from '../decision.ts';
import { held, heldOf } from './held-numbers.ts';

const client = z.object({
  client: z.string(),
  /** Of the speed mode that is active. */
  cap: z.number().nullable(),
  weight: z.number(),
  busy: z.boolean(),
  /** What it moves now, bit/s. */
  used: z.number(),
  /** Its user's own limit; absent where none. */
  ceiling: z.number().optional(),
  /** Fixed limits while somebody watches and while nobody does. */
  fixed: z.number().optional(),
  idle: z.number().optional(),
});

const side = z.object({
  /** For all of them together; null where nothing is shared. */
  total: held.nullable(),
  clients: z.array(client),
});

export const clientNumbers = z.object({
  share: z.enum(['activity', 'fixed']),
  up: side,
  down: side,
  paused: z.array(z.string()),
  pauseBelow: z.number().nullable(),
});
export type ClientNumbers = z.infer<typeof clientNumbers>;
export type SideNumbers = z.infer<typeof side>;

type Decided = { readonly input: DecisionInput; readonly decision: Decision; readonly memory: DecisionMemory };

export function clientNumbersOf({ input, decision, memory }: Decided): ClientNumbers {
  const { torrents, restoreAfterMs } = input.settings;
  const byActivity = torrents.share === 'activity';
  const total = (key: string, releaseMs: number) => heldOf(memory.holds.get(key) ?? [], input, releaseMs);
  const takesTyped = decision.mode !== 'off';
  const senders = input.torrents.filter(({ onUplink, uploads, mode }) => onUplink && uploads && mode !== null);
  const fetchers = input.torrents.filter(
    ({ onUplink, mode, downloadCeilingBps }) => onUplink && mode !== null && downloadCeilingBps !== null,
  );
  return {
    share: torrents.share,
    up: {
      total: total(decision.mode === 'unknown' ? 'typed' : 'torrents', takesTyped ? restoreAfterMs : 0),
      clients: senders.map((one) => {
        const own = input.settings.torrentClients[one.client];
        return {
          ...shared(one, { caps: decision.torrents, ceilings: one.ceilingBps, input }),
          busy: !byActivity || memory.sending.has(one.client),
          used: Math.round(one.uploadBps),
          ...(own?.whileStreamingBps ? { fixed: own.whileStreamingBps } : {}),
          ...(own?.whenIdleBps ? { idle: own.whenIdleBps } : {}),
        };
      }),
    },
    down: {
      total: total('downloads', takesTyped ? restoreAfterMs : 0),
      clients: fetchers.map((one) => ({
        ...shared(one, { caps: decision.downloads, ceilings: one.downloadCeilingBps ?? one.ceilingBps, input }),
        busy: !byActivity || memory.fetching.has(one.client),
        used: Math.round(one.downloadBps),
      })),
    },
    paused: [...decision.pausedClients],
    pauseBelow: torrents.pauseBelowBps,
  };
}

type About = {
  readonly caps: readonly TorrentCap[];
  readonly ceilings: TorrentInput['ceilingBps'];
  readonly input: DecisionInput;
};

function shared({ client: name, mode }: TorrentInput, { caps, ceilings, input }: About) {
  const ceiling = ceilings[mode ?? 'normal'];
  return {
    client: name,
    cap: caps.find((cap) => cap.client === name && cap.mode === mode)?.capBps ?? null,
    weight: input.settings.torrentClients[name]?.weight ?? 1,
    ...(Number.isFinite(ceiling) ? { ceiling } : {}),
  };
}
