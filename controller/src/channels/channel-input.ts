// Pure: what REST bodies say as a channel, with servers filled in and checked.
import { ControllerError } from '../errors.ts';
import type { Channel, ChannelPicture, ChannelRules, Choice, Selection, Slot } from './channel.ts';
import type { ChoiceBody, CreateBody, FillerBody, PictureBody, RulesBody, SlotBody, UpdateBody } from './channels-api.ts';
import { CLIPS_FOLDER } from './clips-folder.ts';

export type ChannelDraft = Omit<Channel, 'id' | 'number'> & { readonly number: string | null };

const usualRules: ChannelRules = {
  series: 'in_order',
  block: 1,
  films: 'shuffled',
  slots: [],
  dates: [],
  filler: { kind: 'next_show', from: [], image: null, padToMinutes: 0 },
};

const usualLook: ChannelPicture = {
  size: 'small',
  transport: 'encode',
  fps: 25,
  audioLanguage: null,
  subtitleLanguage: null,
  watermark: null,
};

/** Gives the server that a body means. @throws ControllerError input_invalid naming the key */
type ServerOf = (key: string, named: string | undefined) => string;

/** @param servers names of the Jellyfin servers in the configuration */
export const serverOf =
  (servers: readonly string[]): ServerOf =>
  (key, named) => {
    const [only, second] = servers;
    if (only === undefined)
      throw new ControllerError(
        'input_invalid',
        `${key}: no Jellyfin is configured; add one to media_servers (or set JELLYFIN_URL and JELLYFIN_API_KEY)`,
      );
    if (named === undefined && second === undefined) return only;
    if (named !== undefined && servers.includes(named)) return named;
    const choice = `one of ${servers.join(', ')}`;
    const what = named === undefined ? `is missing: ${choice}` : `"${named}" is not ${choice}`;
    throw new ControllerError('input_invalid', `${key}.server: ${what}`);
  };

export type Facts = {
  /** Of the Jellyfins. */
  readonly servers: readonly string[];
  /** There is a folder of clips on this machine. */
  readonly hasClips: boolean;
  readonly now: number;
};

/** Where the home has a folder of clips, it is a server of its own for fillers. */
const clipsOf =
  ({ servers, hasClips }: Facts): ServerOf =>
  (key, named) =>
    hasClips && named === CLIPS_FOLDER.server ? named : serverOf(servers)(key, named);

/** A new channel. @param facts.seed where the body names none */
export function draftOf(body: CreateBody, facts: Facts & { readonly seed: number }): ChannelDraft {
  const { servers, seed, now } = facts;
  const server = serverOf(servers);
  return {
    name: body.name,
    description: body.description,
    number: body.channel_number,
    group: body.group,
    logo: body.logo,
    enabled: body.enabled,
    scheduleType: body.schedule_type,
    seed: body.seed ?? seed,
    selection: wholeSelection(body, server),
    rules: mergeRules(usualRules, body.rules, facts),
    look: mergeLook(usualLook, body.picture),
    createdAt: now,
    updatedAt: now,
  };
}

/** The channel with what a body changes of it. The same object where that is nothing. */
export function changed(channel: Channel, body: UpdateBody, facts: Facts): Channel {
  const { servers, now } = facts;
  const server = serverOf(servers);
  const next: Channel = {
    ...channel,
    name: body.name ?? channel.name,
    description: body.description === undefined ? channel.description : body.description,
    number: body.channel_number ?? channel.number,
    group: body.group === undefined ? channel.group : body.group,
    logo: body.logo === undefined ? channel.logo : body.logo,
    enabled: body.enabled ?? channel.enabled,
    scheduleType: body.schedule_type ?? channel.scheduleType,
    seed: body.seed ?? channel.seed,
    selection: { ...channel.selection, ...selectionOf(body, server) },
    rules: body.rules === undefined ? channel.rules : mergeRules(channel.rules, body.rules, facts),
    look: body.picture === undefined ? channel.look : mergeLook(channel.look, body.picture),
  };
  return JSON.stringify(next) === JSON.stringify(channel) ? channel : { ...next, updatedAt: now };
}

/** True where the same time would be filled with something else. */
export const plansOtherwise = (before: Channel, after: Channel): boolean =>
  JSON.stringify([before.seed, before.scheduleType, before.selection, before.rules]) !==
  JSON.stringify([after.seed, after.scheduleType, after.selection, after.rules]);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type SelectionBody = Pick<
  UpdateBody,
  'libraries' | 'sources' | 'genre_filters' | 'tags' | 'studios' | 'years' | 'max_rating' | 'exclusions'
>;

/** Only what the body names. */
function selectionOf(body: SelectionBody, server: ServerOf): Partial<Selection> {
  const selection: Partial<Mutable<Selection>> = {};
  if (body.libraries)
    selection.libraries = body.libraries.map((one, i) => ({
      server: server(`libraries.${i}`, one.server),
      id: one.library_id,
      name: one.library_name,
      collectionType: one.collection_type,
    }));
  if (body.sources)
    selection.sources = body.sources.map((one, i) => ({
      kind: one.kind,
      server: server(`sources.${i}`, one.server),
      id: one.id,
      name: one.name,
    }));
  if (body.genre_filters)
    selection.genres = body.genre_filters.map(({ genre, content_type }) => ({ genre, contentType: content_type }));
  if (body.tags) selection.tags = body.tags;
  if (body.studios) selection.studios = body.studios;
  if (body.years !== undefined) selection.years = body.years;
  if (body.max_rating !== undefined) selection.maxRating = body.max_rating;
  if (body.exclusions)
    selection.exclusions = body.exclusions.map(({ id, server: named }, i) => ({ server: server(`exclusions.${i}`, named), id }));
  return selection;
}

/** A new channel's body has every list. */
function wholeSelection(body: CreateBody, server: ServerOf): Selection {
  const { libraries = [], sources = [], genres = [], tags = [], studios = [], exclusions = [] } = selectionOf(body, server);
  return { libraries, sources, genres, tags, studios, years: body.years, maxRating: body.max_rating, exclusions };
}

const mergeRules = (
  rules: ChannelRules,
  body: RulesBody,
  facts: Facts,
  server: ServerOf = serverOf(facts.servers),
): ChannelRules => ({
  series: body.series ?? rules.series,
  block: body.block ?? rules.block,
  films: body.films ?? rules.films,
  slots: body.slots?.map((slot, i) => slotOf(slot, server, `rules.slots.${i}`)) ?? rules.slots,
  dates:
    body.dates?.map(({ name, from, to, choice, slots }, i) => ({
      name,
      from,
      to,
      choice: choice === null ? null : choiceOf(choice, server, `rules.dates.${i}.choice`),
      slots: slots.map((slot, j) => slotOf(slot, server, `rules.dates.${i}.slots.${j}`)),
    })) ?? rules.dates,
  filler: body.filler === undefined ? rules.filler : fillerOf(body.filler, facts),
});

const slotOf = ({ days, start, end, choice }: SlotBody, server: ServerOf, key: string): Slot => ({
  days,
  start,
  end,
  choice: choiceOf(choice, server, `${key}.choice`),
});

const choiceOf = ({ items, ...choice }: ChoiceBody, server: ServerOf, key: string): Choice => ({
  ...choice,
  items: items.map(({ id, server: named }, i) => ({ server: server(`${key}.items.${i}`, named), id })),
});

function fillerOf({ kind, from: named, image, pad_to_minutes }: FillerBody, facts: Facts): ChannelRules['filler'] {
  const server = clipsOf(facts);
  const from = kind === 'clips' && named.length === 0 && facts.hasClips ? [CLIPS_FOLDER] : named;
  if (kind === 'clips' && from.length === 0)
    throw new ControllerError(
      'input_invalid',
      'rules.filler.from: clips need a library or collection that they come from (or channels.commercials_path)',
    );
  if (kind === 'still' && image === null)
    throw new ControllerError('input_invalid', 'rules.filler.image: a still needs the absolute path of an image');
  return {
    kind,
    from: from.map(({ id, name, server: one }, i) => ({ server: server(`rules.filler.from.${i}`, one), id, name })),
    image,
    padToMinutes: pad_to_minutes,
  };
}

const mergeLook = (look: ChannelPicture, body: PictureBody): ChannelPicture => ({
  size: body.size ?? look.size,
  transport: body.transport ?? look.transport,
  fps: body.fps ?? look.fps,
  audioLanguage: body.audio_language === undefined ? look.audioLanguage : body.audio_language,
  subtitleLanguage: body.subtitle_language === undefined ? look.subtitleLanguage : body.subtitle_language,
  watermark: body.watermark === undefined ? look.watermark : watermarkOf(body.watermark),
});

const watermarkOf = (body: NonNullable<PictureBody['watermark']> | null): ChannelPicture['watermark'] =>
  body === null ? null : { corner: body.corner, opacity: body.opacity, widthPercent: body.width_percent };
