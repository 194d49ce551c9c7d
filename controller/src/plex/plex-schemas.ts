// The few fields of Plex's answers that Headgate reads, in each way that servers were seen to write them. Pure.
import * as z from 'zod';

/*
 * Which of them are there depends on version, player and kind of play; servers of 2020 wrote what is an attribute in XML as text ("1"), newer
 * ones write it typed. A field that cannot be read is null: what then follows is decided where it is used, in favour of the reservation.
 */
const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(null);
const number = z
  .union([z.number(), z.string().trim().min(1).transform(Number)])
  .refine(Number.isFinite)
  .nullish()
  .catch(null);
const FLAGS: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((raw) => FLAGS[String(raw).toLowerCase()] ?? null)
  .nullish()
  .catch(null);

/** XML knows no difference between one thing and a list of one, and some conversions to JSON forget it. */
const oneOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .preprocess((raw) => (Array.isArray(raw) ? raw[0] : raw), z.object(shape).nullish())
    .nullish()
    .catch(null);
const listOf = <Entry extends z.ZodType>(entry: Entry) =>
  z.preprocess((raw) => (raw === undefined || raw === null ? [] : Array.isArray(raw) ? raw : [raw]), z.array(entry));

const media = z.object({ bitrate: number, height: number, videoResolution: text, selected: flag });

const itemKey = ({ ratingKey }: { readonly ratingKey?: string | null | undefined }): string => (ratingKey ? `#${ratingKey}` : '');

/** One entry of GET /status/sessions. Rates in kbit/s, times in ms. */
const session = z
  .object({
    sessionKey: text,
    ratingKey: text,
    type: text,
    live: flag,
    title: text,
    grandparentTitle: text,
    viewOffset: number,
    Media: listOf(media).catch([]),
    /** Its `thumb` holds a token: not read. */
    User: oneOf({ id: text, title: text }),
    Player: oneOf({
      address: text,
      remotePublicAddress: text,
      local: flag,
      relayed: flag,
      state: text,
      product: text,
      title: text,
      device: text,
      machineIdentifier: text,
    }),
    Session: oneOf({ id: text, bandwidth: number, location: text }),
    TranscodeSession: oneOf({ context: text, videoDecision: text, audioDecision: text }),
  })
  .transform((raw) => ({ ...raw, key: raw.sessionKey || raw.Session?.id || raw.Player?.machineIdentifier || itemKey(raw) }));
/** `key`: unique while the server runs, and what the notifications call it; where there is none, the next best name: whoever watches must count. */
export type Session = z.infer<typeof session>;

/** `Metadata` is absent where nothing plays. */
export const sessionsAnswer = z.object({ MediaContainer: z.object({ size: number, Metadata: listOf(z.unknown()) }) });

/** Keeps the sessions that can be read: one odd entry must not hide the others. */
export const readableSessions = (list: readonly unknown[]): readonly Session[] =>
  list.flatMap((entry) => {
    const parsed = session.safeParse(entry);
    return parsed.success && parsed.data.key !== '' ? [parsed.data] : [];
  });

/** GET /identity, without a token. Only a Plex has both. */
export const identityAnswer = z.object({
  MediaContainer: z.object({ machineIdentifier: z.string().min(1), version: z.string().min(1) }),
});

/** GET / */
export const capabilitiesAnswer = z.object({ MediaContainer: z.object({ friendlyName: text }) });

/** GET /:/prefs. Other preferences are secrets: no value but the wanted one's is looked at. */
export const preferencesAnswer = z.object({
  MediaContainer: z.object({ Setting: listOf(z.object({ id: text, value: z.unknown() })) }),
});

/** The value of a preference of type int. */
export const wholeNumber = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

const playing = z.object({ sessionKey: text, ratingKey: text, state: text, viewOffset: number });
const container = z.object({ type: z.string(), PlaySessionStateNotification: listOf(playing.nullable().catch(null)).catch([]) });
/** What comes over /:/websockets/notifications; old servers wrote it without the wrapper. */
export const notification = z.union([
  z.object({ NotificationContainer: container }).transform(({ NotificationContainer: inner }) => inner),
  container,
]);
