// History of each WAN: minutes and hours. `wan` is `router/wan`.
import type { Kysely } from 'kysely';

export const telemetryMigration = {
  name: '003-telemetry',
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of ['wan_minutes', 'wan_hours']) {
      await db.schema
        .createTable(table)
        .addColumn('wan', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('up_bps', 'bigint', (column) => column.notNull())
        .addColumn('down_bps', 'bigint', (column) => column.notNull())
        .addColumn('up_peak_bps', 'bigint', (column) => column.notNull())
        .addColumn('down_peak_bps', 'bigint', (column) => column.notNull())
        .addColumn('samples', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint(`${table}_key`, ['wan', 'at'])
        .execute();
    }
  },
};
