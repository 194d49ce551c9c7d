// Channels on disk and, since they are few and asked for at every request, in memory.
import type { Kysely } from 'kysely';
import type { Channel } from './channel.ts';
import { type ChannelTables, type ListRows, listRows, narrowingOf, toChannel } from './channel-rows.ts';

/** A channel with what Headgate itself notes of it. */
export type StoredChannel = Channel & {
  /** What Jellyfin gave us for the tuner and the guide; null while not registered there. */
  readonly tunerHostId: string | null;
  readonly listingProviderId: string | null;
};

export type Registration = Pick<StoredChannel, 'tunerHostId' | 'listingProviderId'>;

export type ChannelStore = {
  /** Ordered by number. */
  all(): readonly StoredChannel[];
  get(id: number): StoredChannel | null;
  byNumber(number: string): StoredChannel | null;
  /** `number` null: 100.<id>, or the next whole number's `.id` that is free. @throws ControllerError conflict, storage_failed */
  add(channel: Omit<Channel, 'id' | 'number'> & { readonly number: string | null }): Promise<StoredChannel>;
  /** Replaces everything but the id. @throws ControllerError conflict, storage_failed */
  change(channel: Channel): Promise<StoredChannel>;
  /** With all that belongs to it. False where there was none. */
  remove(id: number): Promise<boolean>;
  /** Of all channels at once, and those to come: one tuner carries them all. Leaves `updatedAt` alone. */
  register(registration: Registration): Promise<void>;
};

/** Reads all channels. */
export async function openChannelStore(db: Kysely<ChannelTables>): Promise<ChannelStore> {
  const channels = await readChannels(db);
  let ordered: readonly StoredChannel[] | null = null;
  const { tunerHostId = null, listingProviderId = null } = channels.values().next().value ?? {};
  /** A channel that comes later is in the same tuner. */
  let registered: Registration = { tunerHostId, listingProviderId };
  const keep = (channel: StoredChannel): StoredChannel => {
    channels.set(channel.id, channel);
    ordered = null;
    return channel;
  };
  const byNumber = (number: string): StoredChannel | null =>
    channels.values().find((channel) => channel.number === number) ?? null;
  return {
    all() {
      ordered ??= [...channels.values()].sort(byTheirNumbers);
      return ordered;
    },
    get: (id) => channels.get(id) ?? null,
    byNumber,
    async add({ number, ...channel }) {
      const added = await db.transaction().execute(async (tx) => {
        const id = await nextId(tx);
        const made: StoredChannel = {
          ...channel,
          id,
          number: number ?? freeNumber(id, byNumber),
          ...registered,
        };
        await tx
          .insertInto('channels')
          .values({ id, ...rowOf(made), tuner_host_id: made.tunerHostId, listing_provider_id: made.listingProviderId })
          .execute();
        await insertLists(tx, made);
        return made;
      });
      return keep(added);
    },
    async change(channel) {
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('channels').set(rowOf(channel)).where('id', '=', channel.id).execute();
        for (const table of ['channel_libraries', 'channel_sources', 'channel_genres', 'channel_exclusions'] as const)
          await tx.deleteFrom(table).where('channel_id', '=', channel.id).execute();
        await insertLists(tx, channel);
      });
      return keep({ ...channel, ...registered });
    },
    async remove(id) {
      if (!channels.has(id)) return false;
      await db.deleteFrom('channels').where('id', '=', id).execute();
      ordered = null;
      return channels.delete(id);
    },
    async register({ tunerHostId, listingProviderId }) {
      registered = { tunerHostId, listingProviderId };
      await db.updateTable('channels').set({ tuner_host_id: tunerHostId, listing_provider_id: listingProviderId }).execute();
      for (const channel of channels.values()) keep({ ...channel, ...registered });
    },
  };
}

/** 9 before 10, 100.2 before 100.10. */
function byTheirNumbers(a: StoredChannel, b: StoredChannel): number {
  const [majorA = 0, minorA = -1] = a.number.split('.').map(Number);
  const [majorB = 0, minorB = -1] = b.number.split('.').map(Number);
  return majorA - majorB || minorA - minorB || a.id - b.id;
}

function freeNumber(id: number, taken: (number: string) => StoredChannel | null): string {
  let major = 100;
  while (taken(`${major}.${id}`) !== null) major += 1;
  return `${major}.${id}`;
}

async function nextId(tx: Kysely<ChannelTables>): Promise<number> {
  const name = 'channel';
  const row = await tx.selectFrom('channel_ids').select('next_id').where('name', '=', name).executeTakeFirst();
  const id = row?.next_id ?? 1;
  await tx
    .insertInto('channel_ids')
    .values({ name, next_id: id + 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ next_id: id + 1 }))
    .execute();
  return id;
}

const rowOf = (channel: Channel) => ({
  name: channel.name,
  description: channel.description,
  number: channel.number,
  group_title: channel.group,
  logo: channel.logo,
  enabled: channel.enabled ? 1 : 0,
  schedule_type: channel.scheduleType,
  seed: channel.seed,
  narrowing: JSON.stringify(narrowingOf(channel.selection)),
  rules: JSON.stringify(channel.rules),
  look: JSON.stringify(channel.look),
  created_at: channel.createdAt,
  updated_at: channel.updatedAt,
});

/** Far below SQLite's 32,766 parameters. */
const ROWS_AT_ONCE = 500;

async function insertLists(tx: Kysely<ChannelTables>, { id, selection }: Channel): Promise<void> {
  const rows: ListRows = listRows(id, selection);
  for (let i = 0; i < rows.libraries.length; i += ROWS_AT_ONCE)
    await tx
      .insertInto('channel_libraries')
      .values(rows.libraries.slice(i, i + ROWS_AT_ONCE))
      .execute();
  for (let i = 0; i < rows.sources.length; i += ROWS_AT_ONCE)
    await tx
      .insertInto('channel_sources')
      .values(rows.sources.slice(i, i + ROWS_AT_ONCE))
      .execute();
  for (let i = 0; i < rows.genres.length; i += ROWS_AT_ONCE)
    await tx
      .insertInto('channel_genres')
      .values(rows.genres.slice(i, i + ROWS_AT_ONCE))
      .execute();
  for (let i = 0; i < rows.exclusions.length; i += ROWS_AT_ONCE)
    await tx
      .insertInto('channel_exclusions')
      .values(rows.exclusions.slice(i, i + ROWS_AT_ONCE))
      .execute();
}

/** One query a table, however many channels. */
async function readChannels(db: Kysely<ChannelTables>): Promise<Map<number, StoredChannel>> {
  const listed = async <T extends { channel_id: number }>(rows: Promise<T[]>) =>
    Map.groupBy(await rows, ({ channel_id }) => channel_id);
  const libraries = await listed(db.selectFrom('channel_libraries').selectAll().orderBy('position').execute());
  const sources = await listed(db.selectFrom('channel_sources').selectAll().orderBy('position').execute());
  const genres = await listed(db.selectFrom('channel_genres').selectAll().orderBy('position').execute());
  const exclusions = await listed(db.selectFrom('channel_exclusions').selectAll().orderBy('position').execute());
  const rows = await db.selectFrom('channels').selectAll().execute();
  return new Map(
    rows.map((row) => {
      const lists = {
        libraries: libraries.get(row.id) ?? [],
        sources: sources.get(row.id) ?? [],
        genres: genres.get(row.id) ?? [],
        exclusions: exclusions.get(row.id) ?? [],
      };
      return [
        row.id,
        { ...toChannel(row, lists), tunerHostId: row.tuner_host_id, listingProviderId: row.listing_provider_id },
      ] as const;
    }),
  );
}
