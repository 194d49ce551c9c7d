// All tables of the feature, opened.
import type { Kysely } from 'kysely';
import type { ChannelTables } from './channel-rows.ts';
import { type ChannelStore, openChannelStore } from './channel-store.ts';
import { openProbeStore, type ProbeStore, type ProbeTables } from './probe-store.ts';
import type { ScheduleTables } from './schedule-rows.ts';
import { openScheduleStore, type ScheduleStore } from './schedule-store.ts';

export type AllChannelTables = ChannelTables & ScheduleTables & ProbeTables;

export type ChannelStores = {
  readonly channels: ChannelStore;
  readonly schedule: ScheduleStore;
  readonly probes: ProbeStore;
};

/** Reads channels, and how far each is planned. @throws ControllerError storage_failed */
export async function openChannelStores(db: Kysely<AllChannelTables>): Promise<ChannelStores> {
  return {
    channels: await openChannelStore(db as unknown as Kysely<ChannelTables>),
    schedule: await openScheduleStore(db as unknown as Kysely<ScheduleTables>),
    probes: await openProbeStore(db as unknown as Kysely<ProbeTables>),
  };
}
