// What the embedded broker keeps for its next start: retained messages, sessions, queues, wills.
import type { Kysely } from 'kysely';

export const brokerMigration = {
  name: '001-broker',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('broker_state')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('broker_state_key', ['kind', 'id'])
      .execute();
  },
};
