// Sync steered over HTTP: paused, compared, taken back; and what the first meetings found.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { type Route, route } from '../../http/route.ts';
import type { Compare } from '../asked/compare.ts';
import { type Undone, undo } from '../asked/undo.ts';
import type { People } from '../people/people.ts';
import type { ListsRange, UndoneList } from '../playlists/undo-range.ts';
import { type MeetingTables, readMeetings } from '../reconcile/meeting-report.ts';
import { viewAlignment } from '../shown/alignment-view.ts';
import { nameOfField, valueView } from '../shown/state-view.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import type { Around } from '../state/take-report.ts';
import { alignmentView, compareView, undoBody, undoView } from '../sync-api.ts';

export type ControlDeps = {
  readonly db: Kysely<SyncTables>;
  readonly servers: readonly string[];
  readonly people: Pick<People, 'all'>;
  readonly around: Around;
  readonly compare: Compare;
  isPaused(): boolean;
  pause(paused: boolean): Promise<void>;
  readonly dryRun: boolean;
  undoLists(range: ListsRange, dryRun: boolean, signal: AbortSignal): Promise<readonly UndoneList[]>;
  nowMs(): number;
};

const tags = ['sync'];
const pausedView = z.object({ paused: z.boolean() });
/** Of one answer; all are undone. */
const MOST_SHOWN = 500;

export const controlRoutes = (deps: ControlDeps): readonly Route[] => [
  ...(['pause', 'resume'] as const).map((word) =>
    route({
      method: 'post',
      path: `/api/sync/${word}`,
      summary: word === 'pause' ? 'Write nothing to any server until it is resumed' : 'Go on',
      description:
        'What is done on the servers meanwhile is noted, and brought to the others afterwards. Kept over restarts of Headgate.',
      tags,
      access: 'write',
      response: pausedView,
      async handler() {
        await deps.pause(word === 'pause');
        return { paused: deps.isPaused() };
      },
    }),
  ),
  compareRoute(deps),
  undoRoute(deps),
  route({
    method: 'get',
    path: '/api/sync/alignment',
    summary: 'What was found when each user was compared whole for the first time, and what was to be written where',
    tags,
    access: 'read',
    response: alignmentView,
    handler: async () =>
      viewAlignment({
        meetings: await readMeetings(deps.db.withTables<MeetingTables>(), deps.servers),
        people: deps.people.all(),
        servers: deps.servers,
        dryRun: deps.dryRun,
      }),
  }),
];

const compareRoute = ({ servers, compare, isPaused }: ControlDeps): Route =>
  route({
    method: 'post',
    path: '/api/sync/compare',
    summary: 'Compare one server, or all, now',
    description: 'Answers after five seconds at the most; what takes longer goes on.',
    tags,
    access: 'write',
    body: z.strictObject({
      server: z.string().min(1).max(64).optional(),
      full: z.boolean().describe('true: every state of every user. false: a cheap look at what changes most.'),
    }),
    response: compareView,
    async handler({ body: { server, full } }) {
      demandServer(servers, server);
      if (isPaused()) throw new ControllerError('conflict', 'sync is paused: resume it first');
      return { servers: [...(await compare(server === undefined ? servers : [server], full))] };
    },
  });

function demandServer(servers: readonly string[], server: string | undefined): void {
  if (server !== undefined && !servers.includes(server))
    throw new ControllerError('not_found', `body.server: "${server}" is not kept the same; there are ${servers.join(', ')}`);
}

const undoRoute = ({ db, around, servers, people, nowMs, undoLists }: ControlDeps): Route =>
  route({
    method: 'post',
    path: '/api/sync/undo',
    summary: 'Take back what was written: one entry of the log, or a range of time',
    description:
      'What was there before becomes what is agreed, and every server is brought to it. What somebody set anew since stays, unless `force`. Playlists of that time as well: whatever else was done to them since stays.',
    tags,
    access: 'write',
    body: undoBody,
    response: undoView,
    async handler({ body: { id, since, until, person, server, force, dry_run: dryRun }, signal }) {
      demandServer(servers, server);
      if (person !== undefined && !people.all().some((one) => one.person === person.toLowerCase()))
        throw new ControllerError('not_found', `body.person: nobody is called "${person}"; /api/users lists who is`);
      const range = {
        sinceMs: since === undefined ? 0 : Date.parse(since),
        untilMs: until === undefined ? nowMs() : Date.parse(until),
        person: person?.toLowerCase() ?? null,
        server: server ?? null,
      };
      const undone = await undo({ db, around }, { scope: id === undefined ? range : { id }, force, dryRun });
      const lists = id === undefined ? await undoLists(range, dryRun, signal) : [];
      return { ...viewUndone(undone, dryRun), playlists: lists.map(viewList) };
    },
  });

const viewList = ({ person, name, entries, kept }: UndoneList) => ({
  ...{ username: person, playlist: name, entries, kept: [...kept] },
});

function viewUndone({ entries, items }: Undone, dryRun: boolean): Omit<z.input<typeof undoView>, 'playlists'> {
  return {
    dry_run: dryRun,
    entries,
    items: items.filter(({ changes }) => changes.length > 0).length,
    changes: items.slice(0, MOST_SHOWN).map(({ person, itemName, identity, changes, kept, servers }) => ({
      ...{ username: person, item_name: itemName, identity, kept: [...kept], servers: [...servers] },
      fields: changes.map(({ field, from, to }) => ({
        field: nameOfField(field),
        from: valueView(field, from),
        to: valueView(field, to),
      })),
    })),
  };
}
