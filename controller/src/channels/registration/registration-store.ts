// What the media servers gave us for tuner and guide, who wants it there, and when each channel's probe was made. Durable when it resolves.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Remembered } from './plan-registration.ts';
import type { Warmth } from './pre-warm.ts';

export type RegistrationTables = {
  livetv_registrations: {
    server: string;
    wanted: number | null;
    tuner_host_id: string | null;
    listing_provider_id: string | null;
    guide_saved_at: number | null;
  };
  livetv_warmth: { server: string; channel: string; picture: string; probed_at: number; warmed_at: number };
};

export type Registration = Remembered & {
  /** By an operator's call; null leaves it to the configuration. */
  readonly wanted: boolean | null;
  /** When the server was last given a guide to fetch, UTC ms. */
  readonly guideSavedMs: number | null;
};

export type RegistrationStore = {
  /** From memory, as `warmth`. */
  get(server: string): Registration;
  set(server: string, registration: Registration): Promise<void>;
  warmth(server: string, channel: string): Warmth | null;
  setWarmth(server: string, channel: string, warmth: Warmth): Promise<void>;
  /** All channels there are to be warmed anew. */
  forgetWarmth(server: string): Promise<void>;
};

const NOTHING: Registration = { wanted: null, tunerHostId: null, listingProviderId: null, guideSavedMs: null };

// PostgreSQL gives a bigint as text.
const registrationRow = z.object({
  server: z.string(),
  wanted: z.coerce.number().nullable(),
  tuner_host_id: z.string().nullable(),
  listing_provider_id: z.string().nullable(),
  guide_saved_at: z.coerce.number().nullable(),
});
const warmthRow = z.object({
  server: z.string(),
  channel: z.string(),
  picture: z.string(),
  probed_at: z.coerce.number(),
  warmed_at: z.coerce.number(),
});

const keyOf = (server: string, channel: string): string => `${server}/${channel}`;

/** Reads what an earlier run left. */
export async function openRegistrationStore(db: Kysely<RegistrationTables>): Promise<RegistrationStore> {
  const registrations = new Map<string, Registration>();
  for (const row of z.array(registrationRow).parse(await db.selectFrom('livetv_registrations').selectAll().execute()))
    registrations.set(row.server, {
      wanted: row.wanted === null ? null : row.wanted === 1,
      tunerHostId: row.tuner_host_id,
      listingProviderId: row.listing_provider_id,
      guideSavedMs: row.guide_saved_at,
    });
  const warm = new Map<string, Warmth>();
  for (const row of z.array(warmthRow).parse(await db.selectFrom('livetv_warmth').selectAll().execute()))
    warm.set(keyOf(row.server, row.channel), { picture: row.picture, probedMs: row.probed_at, warmedMs: row.warmed_at });
  return {
    get: (server) => registrations.get(server) ?? NOTHING,
    async set(server, registration) {
      const row = {
        wanted: registration.wanted === null ? null : Number(registration.wanted),
        tuner_host_id: registration.tunerHostId,
        listing_provider_id: registration.listingProviderId,
        guide_saved_at: registration.guideSavedMs,
      };
      await db
        .insertInto('livetv_registrations')
        .values({ server, ...row })
        .onConflict((conflict) => conflict.column('server').doUpdateSet(row))
        .execute();
      registrations.set(server, registration);
    },
    warmth: (server, channel) => warm.get(keyOf(server, channel)) ?? null,
    async setWarmth(server, channel, warmth) {
      const row = { picture: warmth.picture, probed_at: warmth.probedMs, warmed_at: warmth.warmedMs };
      await db
        .insertInto('livetv_warmth')
        .values({ server, channel, ...row })
        .onConflict((conflict) => conflict.columns(['server', 'channel']).doUpdateSet(row))
        .execute();
      warm.set(keyOf(server, channel), warmth);
    },
    async forgetWarmth(server) {
      await db.deleteFrom('livetv_warmth').where('server', '=', server).execute();
      for (const key of warm.keys()) if (key.startsWith(`${server}/`)) warm.delete(key);
    },
  };
}
