// What nightly probes found of the items that are about to air.
import type { Kysely } from 'kysely';
import type { MediaInfo } from '../on-air/media-info.ts';
import { itemKey } from './catalogue-item.ts';

export type ProbeTables = {
  item_probes: {
    server: string;
    item_id: string;
    probed_at: number;
    ok: number;
    problem: string | null;
    media: string | null;
    gain_db: number;
  };
};

export type ItemProbe = {
  readonly server: string;
  readonly id: string;
  /** UTC ms */
  readonly probedAt: number;
  readonly ok: boolean;
  /** A sentence where it is not ok. */
  readonly problem: string | null;
  readonly media: MediaInfo | null;
  readonly gainDb: number;
};

export type ProbeStore = {
  get(item: { readonly server: string; readonly id: string }): Promise<ItemProbe | null>;
  put(probe: ItemProbe): Promise<void>;
  /** Keys (`itemKey`) of all that cannot be played; from memory, another set after each change. */
  failing(): ReadonlySet<string>;
  /** Forgets those probed before `beforeMs`, and the bad ones before `badBeforeMs`: they get another chance. */
  prune(beforeMs: number, badBeforeMs: number): Promise<void>;
};

export async function openProbeStore(db: Kysely<ProbeTables>): Promise<ProbeStore> {
  let failing = await readFailing(db);
  return {
    async get({ server, id }) {
      const row = await db
        .selectFrom('item_probes')
        .selectAll()
        .where('server', '=', server)
        .where('item_id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        server,
        id,
        probedAt: row.probed_at,
        ok: row.ok === 1,
        problem: row.problem,
        media: row.media === null ? null : (JSON.parse(row.media) as MediaInfo),
        gainDb: row.gain_db,
      };
    },
    async put({ server, id, probedAt, ok, problem, media, gainDb }) {
      const row = {
        probed_at: probedAt,
        ok: ok ? 1 : 0,
        problem,
        media: media === null ? null : JSON.stringify(media),
        gain_db: gainDb,
      };
      await db
        .insertInto('item_probes')
        .values({ server, item_id: id, ...row })
        .onConflict((conflict) => conflict.columns(['server', 'item_id']).doUpdateSet(row))
        .execute();
      const key = itemKey({ server, id });
      if (ok === failing.has(key)) failing = new Set([...failing].filter((one) => one !== key).concat(ok ? [] : key));
    },
    failing: () => failing,
    async prune(beforeMs, badBeforeMs) {
      await db.deleteFrom('item_probes').where('probed_at', '<', beforeMs).execute();
      await db.deleteFrom('item_probes').where('probed_at', '<', badBeforeMs).where('ok', '=', 0).execute();
      failing = await readFailing(db);
    },
  };
}

async function readFailing(db: Kysely<ProbeTables>): Promise<ReadonlySet<string>> {
  const bad = await db.selectFrom('item_probes').select(['server', 'item_id']).where('ok', '=', 0).execute();
  return new Set(bad.map(({ server, item_id }) => itemKey({ server, id: item_id })));
}
