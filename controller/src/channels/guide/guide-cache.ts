// The guide of every channel, rendered once for each change of its schedule and put together per request; bounded, and streamed.
import { createHash } from 'node:crypto';
import { setImmediate as otherWork } from 'node:timers/promises';
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { Channel } from '../channel.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import { guideProgrammes } from './guide-programmes.ts';
import { type Cut, cutGuide, type RenderedGuide, renderGuide, withRoot } from './rendered-guide.ts';
import { xmlText } from './xml-text.ts';
import { channelXml, programmeXml, XMLTV_FOOT, XMLTV_HEAD } from './xmltv.ts';

type MaybePromise<T> = T | Promise<T>;

/** Where the guide comes from. Each may be a promise or not. */
export type GuideSource = {
  /** What touches the time from `fromMs` to before `toMs`, by start, without overlaps. */
  readonly entries: (channelId: number, fromMs: number, toMs: number) => MaybePromise<readonly ScheduleEntry[]>;
  /** When each item (itemKey) last began on the channel between these times, for telling repeats; without it only what is in the guide counts. */
  readonly lastAired?: (channelId: number, sinceMs: number, beforeMs: number) => MaybePromise<ReadonlyMap<string, number>>;
  readonly itemOf: (key: string) => CatalogueItem | null;
};

/** Addresses of one consumer: `root` goes before `/image/…` of programmes. */
export type GuideAddresses = { readonly root: string; readonly logo: (channel: Channel) => string | null };

export type Guide = {
  /** Weak, of the content: the same over restarts, another with each programme that comes or goes. */
  readonly etag: string;
  /** The document, a channel at a time; ends early where the reader leaves. */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
};

export type GuideCache = {
  /** `channels` in this order, from 3 h ago to 7 days ahead, exact to the second. A channel without programmes is left out. */
  guide(channels: readonly Channel[], addresses: GuideAddresses): Promise<Guide>;
  /** The channel's schedule, name or items changed; null: any may have. */
  forget(channelId: number | null): void;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PAST_MS = 3 * HOUR_MS;
const AHEAD_MS = 7 * DAY_MS;
/** Rendered besides, so that a channel is rendered again once a day at most, and no merged programme is cut at an edge of what is read. */
const MARGIN_MS = 12 * HOUR_MS;
const SPARE_MS = DAY_MS + MARGIN_MS;
/** What guideProgrammes needs before the first programme that counts, and some. */
const LEAD_MS = 4 * HOUR_MS;
/** A repeat is what was on within this. */
const REPEAT_MS = 30 * DAY_MS;
/** About 100 channels of 7 days. What does not fit is rendered again when asked for. */
const MAX_BYTES = 64_000_000;

type Rendered = Omit<RenderedGuide, 'bytes'> & {
  /** Null where others needed the room. */
  bytes: Uint8Array | null;
  readonly version: number;
  readonly atMs: number;
  digest: (Cut & { readonly text: string }) | null;
};

type Deps = { readonly source: GuideSource; readonly now: () => number; readonly maxBytes?: number };

/** @param now UTC ms. */
export function createGuideCache({ source, now, maxBytes = MAX_BYTES }: Deps): GuideCache {
  const kept = new Map<number, Rendered>();
  const versions = new Map<number, number>();
  const running = new Map<number, Promise<Rendered>>();
  let allVersion = 0;
  const versionOf = (id: number): number => allVersion + (versions.get(id) ?? 0);
  // A rendering holds until its spare time is used up, or the clock was set back before it.
  const isFresh = ({ version, atMs }: Rendered, id: number): boolean =>
    version === versionOf(id) && now() >= atMs - HOUR_MS && now() < atMs + SPARE_MS - MARGIN_MS;

  async function render(channel: Channel): Promise<Rendered> {
    // Others have their turn between two channels; a change while we read means reading again.
    await otherWork();
    const [version, atMs] = [versionOf(channel.id), now()];
    const { bytes, ...index } = await renderChannel(channel, source, atMs);
    const rendered: Rendered = { ...index, bytes, version, atMs, digest: null };
    kept.delete(channel.id);
    kept.set(channel.id, rendered);
    makeRoom(kept, channel.id, maxBytes);
    return rendered;
  }
  async function rendering(channel: Channel, withBytes: boolean): Promise<Rendered> {
    for (let tries = 0; ; tries += 1) {
      const known = kept.get(channel.id);
      if (known !== undefined && isFresh(known, channel.id) && !(withBytes && known.bytes === null)) return known;
      const work = running.get(channel.id) ?? render(channel).finally(() => running.delete(channel.id));
      running.set(channel.id, work);
      const rendered = await work;
      // One that changes all the time is shown as it was a moment ago.
      if (isFresh(rendered, channel.id) || tries >= 2) return rendered;
    }
  }
  async function digestOf(channel: Channel, fromMs: number, toMs: number): Promise<string> {
    let rendered = await rendering(channel, false);
    const cut = cutGuide(rendered, fromMs, toMs);
    if (rendered.digest?.first === cut.first && rendered.digest.last === cut.last) return rendered.digest.text;
    rendered = await rendering(channel, true);
    return digest(rendered, cutGuide(rendered, fromMs, toMs));
  }
  return {
    async guide(channels, addresses) {
      const [fromMs, toMs] = [now() - PAST_MS, now() + AHEAD_MS];
      const hash = createHash('sha256').update(addresses.root);
      const shown: Channel[] = [];
      let head = XMLTV_HEAD;
      for (const channel of channels) {
        const content = await digestOf(channel, fromMs, toMs);
        if (content === '') continue;
        shown.push(channel);
        head += channelXml(channel, addresses.logo(channel));
        hash.update(content);
      }
      const etag = `W/"${hash.update(head).digest('base64url').slice(0, 27)}"`;
      return {
        etag,
        async *chunks() {
          yield Buffer.from(head);
          const root = Buffer.from(xmlText(addresses.root));
          for (const channel of shown) {
            const rendered = await rendering(channel, true);
            yield withRoot({ ...rendered, bytes: rendered.bytes ?? new Uint8Array() }, cutGuide(rendered, fromMs, toMs), root);
          }
          yield Buffer.from(XMLTV_FOOT);
        },
      };
    },
    forget(channelId) {
      if (channelId === null) {
        allVersion += 1;
        kept.clear();
        return;
      }
      versions.set(channelId, (versions.get(channelId) ?? 0) + 1);
      kept.delete(channelId);
    },
  };
}

async function renderChannel(channel: Channel, source: GuideSource, atMs: number): Promise<RenderedGuide> {
  const fromMs = atMs - PAST_MS - LEAD_MS;
  const entries = await source.entries(channel.id, fromMs, atMs + AHEAD_MS + SPARE_MS);
  const aired = new Map(await source.lastAired?.(channel.id, fromMs - REPEAT_MS, fromMs));
  return renderGuide(
    guideProgrammes(entries).map((programme) => {
      const { startMs, endMs, entry } = programme;
      const key = entry?.item === null || entry === null ? null : itemKey(entry.item);
      const before = key === null ? undefined : aired.get(key);
      if (key !== null) aired.set(key, startMs);
      const lastAiredMs = before !== undefined && before < startMs && startMs - before <= REPEAT_MS ? before : null;
      const item = key === null ? null : source.itemOf(key);
      return { startMs, endMs, xml: programmeXml(programme, { channel, item, lastAiredMs }) };
    }),
  );
}

/** '' for an empty cut. Remembered: the cut changes only where a programme comes or goes. */
function digest(rendered: Rendered, cut: Cut): string {
  const [from, to] = [rendered.offsets[cut.first] ?? 0, rendered.offsets[cut.last] ?? 0];
  const bytes = rendered.bytes?.subarray(from, to) ?? new Uint8Array();
  const text = from === to ? '' : createHash('sha1').update(bytes).digest('base64url');
  rendered.digest = { ...cut, text };
  return text;
}

/** The oldest renderings lose their bytes, but never the one that is about to be sent. */
function makeRoom(kept: ReadonlyMap<number, Rendered>, asked: number, maxBytes: number): void {
  let total = 0;
  for (const { bytes } of kept.values()) total += bytes?.length ?? 0;
  for (const [id, rendered] of kept) {
    if (total <= maxBytes) return;
    if (id === asked) continue;
    total -= rendered.bytes?.length ?? 0;
    rendered.bytes = null;
  }
}
