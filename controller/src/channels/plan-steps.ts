// The schedule as the stream process plays it: rows, with where each item is and which of its tracks are heard.
import type { MediaInfo } from '../on-air/media-info.ts';
import type { ItemSource, PlanStep } from '../on-air/plan-step.ts';
import type { CatalogueItem } from './catalogue-item.ts';
import type { Channel } from './channel.ts';
import { chooseTracks } from './choose-tracks.ts';
import type { ItemProbe } from './probe-store.ts';
import type { ScheduleEntry } from './schedule-entry.ts';

/** Where an item can be read: a path on this machine, and its server's own stream. @param item.path as its server names it */
export type SourceOf = (item: {
  readonly server: string;
  readonly id: string;
  readonly path: string | null;
}) => Pick<ItemSource, 'path' | 'http'>;

/** May these be played without encoding, one after another, as this channel looks? Null: not probed yet. The first that agree settle the channel's picture. */
export type AgreeOnCopy = (channel: Channel, items: readonly (MediaInfo | null)[]) => boolean;

export type StepDeps = {
  readonly entries: (channelId: number, fromMs: number, toMs: number) => Promise<readonly ScheduleEntry[]>;
  readonly item: (of: { readonly server: string; readonly id: string }) => CatalogueItem | null;
  readonly probe: (of: { readonly server: string; readonly id: string }) => Promise<ItemProbe | null>;
  readonly sourceOf: SourceOf;
  readonly agreeOnCopy: AgreeOnCopy;
  /** IANA zone for times on cards. */
  readonly timeZone: string;
};

const HOUR_MS = 3_600_000;
const AHEAD_MS = 3 * HOUR_MS;
/** Where nothing more is planned, a card says so for this long; then it is asked again. */
const EMPTY_MS = HOUR_MS;

/** What plays from `fromMs` on, for about 3 h, without a gap: where the table has one, a card tells what comes next. */
export async function planSteps(deps: StepDeps, channel: Channel, fromMs: number): Promise<readonly PlanStep[]> {
  const entries = await deps.entries(channel.id, fromMs, fromMs + AHEAD_MS);
  const beyond = entries.length > 0 ? [] : await deps.entries(channel.id, fromMs, fromMs + 8 * 24 * HOUR_MS);
  const [next] = entries.length > 0 ? entries : beyond;
  const known = entries.length > 0 ? entries : beyond.slice(0, 1);
  if (next === undefined) return [gap({ startMs: fromMs, endMs: fromMs + EMPTY_MS }, null, deps.timeZone)];
  const probes = await Promise.all(known.map(({ item }) => (item === null ? null : deps.probe(item))));
  const media = known.flatMap(({ item }, i) => (item === null ? [] : [probes[i]?.media ?? null]));
  // A copied picture shows no logo: one that came and went would be worse than none.
  const mayCopy = channel.look.transport === 'auto' && (channel.look.watermark === null || channel.logo === null);
  const transport = mayCopy && deps.agreeOnCopy(channel, media) ? 'copy' : 'encode';
  const steps: PlanStep[] = [];
  let atMs = Math.min(fromMs, next.startMs);
  for (const [i, entry] of known.entries()) {
    if (entry.startMs > atMs) steps.push(gap({ startMs: atMs, endMs: entry.startMs }, entry, deps.timeZone));
    steps.push(stepOf(deps, channel, { entry, probe: probes[i] ?? null, next: known[i + 1] ?? null, transport }));
    atMs = entry.endMs;
  }
  return steps;
}

type Known = {
  readonly entry: ScheduleEntry;
  readonly probe: ItemProbe | null;
  readonly next: ScheduleEntry | null;
  readonly transport: PlanStep['transport'];
};

function stepOf(deps: StepDeps, channel: Channel, { entry, probe, next, transport }: Known): PlanStep {
  const { id: entryId, startMs, endMs, title } = entry;
  if (entry.item === null) {
    const image = entry.kind === 'still' ? channel.rules.filler.image : null;
    const lines = image === null ? nextLines(channel.name, next, deps.timeZone) : [];
    return { entryId, startMs, endMs, title, source: { kind: 'card', lines, image }, transport: 'encode' };
  }
  const path = deps.item(entry.item)?.path ?? null;
  const tracks = chooseTracks(probe?.media ?? null, {
    audio: channel.look.audioLanguage,
    subtitle: channel.look.subtitleLanguage,
  });
  return {
    entryId,
    startMs,
    endMs,
    title: entry.seriesTitle === null ? title : `${entry.seriesTitle}: ${title}`,
    source: {
      kind: 'item',
      ...deps.sourceOf({ ...entry.item, path }),
      fromMs: entry.fromMs,
      media: probe?.media ?? null,
      ...tracks,
      gainDb: probe?.gainDb ?? 0,
    },
    // Copying begins at a file's own start only, and burns nothing in.
    transport: entry.fromMs === 0 && tracks.subtitle === null ? transport : 'encode',
  };
}

function gap({ startMs, endMs }: { startMs: number; endMs: number }, next: ScheduleEntry | null, zone: string): PlanStep {
  const lines = next === null ? ['Nothing is planned.'] : nextLines(null, next, zone);
  return {
    entryId: `gap-${endMs}`,
    startMs,
    endMs,
    title: lines[0] ?? '',
    source: { kind: 'card', lines, image: null },
    transport: 'encode',
  };
}

/** `Next at 20:15`, and what it is. */
function nextLines(name: string | null, next: ScheduleEntry | null, timeZone: string): readonly string[] {
  if (next === null) return name === null ? [] : [name];
  const at = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(
    next.startMs,
  );
  const title = next.seriesTitle === null ? next.title : `${next.seriesTitle}: ${next.title}`;
  return [...(name === null ? [] : [name]), `Next at ${at}: ${title}`];
}
