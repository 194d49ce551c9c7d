// What was told, and what each sink still has to get: small tables, so that neither a restart nor a kill loses or doubles anything.
import type { Kysely } from 'kysely';
import { pairOf } from './event-wording.ts';
import { atLeast, type Details, type Notification, type Severity } from './notification.ts';

export type NotificationTables = {
  notifications: {
    id: string;
    at: number;
    type: string;
    severity: string;
    text: string;
    details: string;
    subject: string;
    repeats: number;
    /** 1: a beginning whose end was not told. Not pruned. */
    is_open: number;
  };
  notification_queue: { sink: string; id: string; queued_at: number; held: number };
};

/** For one sink. */
export type QueueRow = { readonly sink: string; readonly isHeld: boolean };

export type Asked = {
  readonly types?: readonly string[] | undefined;
  readonly least?: Severity | undefined;
  /** UTC ms. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
};

export type NotificationStore = {
  /** Durable when it resolves, together with what the sinks are to get. */
  add(notification: Notification, queue: readonly QueueRow[]): Promise<void>;
  repeated(id: string): Promise<void>;
  /** Delivered, or given up: never sent again. */
  remove(sink: string, ids: readonly string[]): Promise<void>;
  /** Newest first. */
  recent(asked: Asked): Promise<readonly Notification[]>;
  /** What an earlier run told, oldest first, and what it had not delivered, by sink, oldest first. */
  load(): Promise<{
    readonly told: readonly Notification[];
    readonly open: readonly Notification[];
    readonly queued: readonly Undelivered[];
  }>;
};

export type Undelivered = QueueRow & { readonly notification: Notification; readonly queuedAt: number };

/** Weeks of a home with a restless line; kept in memory too, so not more. */
const KEPT = 1_000;
const PRUNE_EACH = 50;
/** Beginnings without an end: more than this many subjects are not open at once in a home. */
const KEPT_OPEN = 200;

export function createNotificationStore(db: Kysely<NotificationTables>): NotificationStore {
  let added = 0;
  return {
    async add(notification, queue) {
      const pair = pairOf(notification.type);
      await db.transaction().execute(async (tx) => {
        if (pair !== null)
          await tx
            .updateTable('notifications')
            .set({ is_open: 0 })
            .where('subject', '=', notification.subject)
            .where('is_open', '=', 1)
            .execute();
        await tx
          .insertInto('notifications')
          .values(rowOf(notification, pair?.begin === notification.type))
          .execute();
        if (queue.length > 0)
          await tx
            .insertInto('notification_queue')
            .values(
              queue.map(({ sink, isHeld }) => ({ sink, id: notification.id, queued_at: notification.at, held: isHeld ? 1 : 0 })),
            )
            .execute();
      });
      added += 1;
      if (added % PRUNE_EACH === 0) await prune(db);
    },
    async repeated(id) {
      await db
        .updateTable('notifications')
        .set((eb) => ({ repeats: eb('repeats', '+', 1) }))
        .where('id', '=', id)
        .execute();
    },
    async remove(sink, ids) {
      if (ids.length > 0)
        await db
          .deleteFrom('notification_queue')
          .where('sink', '=', sink)
          .where('id', 'in', [...ids])
          .execute();
    },
    async recent({ types, least = 'info', since, until, limit }) {
      const severities = (['info', 'warning', 'error'] as const).filter((severity) => atLeast(severity, least));
      let query = db.selectFrom('notifications').selectAll().where('severity', 'in', severities);
      if (types !== undefined) query = query.where('type', 'in', [...types]);
      if (since !== undefined) query = query.where('at', '>=', since);
      if (until !== undefined) query = query.where('at', '<', until);
      return (await query.orderBy('at', 'desc').orderBy('id').limit(limit).execute()).map(notificationOf);
    },
    async load() {
      const rows = await db.selectFrom('notifications').selectAll().orderBy('at').orderBy('id').execute();
      const told = rows.map(notificationOf);
      const byId = new Map(told.map((notification) => [notification.id, notification]));
      const queue = await db.selectFrom('notification_queue').selectAll().orderBy('queued_at').orderBy('id').execute();
      return {
        told,
        open: rows.filter(({ is_open }) => Number(is_open) === 1).map(notificationOf),
        queued: queue.flatMap(({ sink, id, queued_at, held }) => {
          const notification = byId.get(id);
          return notification === undefined
            ? []
            : [{ sink, notification, queuedAt: Number(queued_at), isHeld: Number(held) === 1 }];
        }),
      };
    },
  };
}

async function prune(db: Kysely<NotificationTables>): Promise<void> {
  for (const [isOpen, kept] of [
    [0, KEPT],
    [1, KEPT_OPEN],
  ] as const) {
    const edge = await db
      .selectFrom('notifications')
      .select('at')
      .where('is_open', '=', isOpen)
      .orderBy('at', 'desc')
      .offset(kept)
      .limit(1)
      .executeTakeFirst();
    if (edge !== undefined)
      await db.deleteFrom('notifications').where('is_open', '=', isOpen).where('at', '<=', Number(edge.at)).execute();
  }
  // What no notification belongs to any more can never be sent.
  await db
    .deleteFrom('notification_queue')
    .where('id', 'not in', (eb) => eb.selectFrom('notifications').select('id'))
    .execute();
}

const rowOf = ({ id, at, type, severity, text, details, subject, repeats }: Notification, isOpen: boolean) => ({
  ...{ id, at, type, severity, text, subject, repeats },
  details: JSON.stringify(details),
  is_open: isOpen ? 1 : 0,
});

/** PostgreSQL gives 64-bit integers as text. */
const notificationOf = (row: NotificationTables['notifications']): Notification => ({
  ...{ id: row.id, type: row.type, text: row.text, subject: row.subject },
  at: Number(row.at),
  severity: row.severity as Severity,
  details: JSON.parse(row.details) as Details,
  repeats: Number(row.repeats),
});
