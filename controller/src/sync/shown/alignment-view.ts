// Pure: the first meetings as the API shows them, with those that are still to come.
import type { z } from 'zod';
import type { PersonUser } from '../people/people.ts';
import type { MeetingReport, MeetingWrites } from '../reconcile/meeting-report.ts';
import type { alignmentView } from '../sync-api.ts';

type Meeting = MeetingReport & {
  readonly server: string;
  readonly userId: string;
  readonly person: string;
  readonly atMs: number;
};

type Known = {
  readonly meetings: readonly Meeting[];
  readonly people: readonly { readonly person: string; readonly users: readonly PersonUser[] }[];
  readonly servers: readonly string[];
  readonly dryRun: boolean;
};

const writesView = ({ items, progress, watched, favourites, ratings }: MeetingWrites) => ({
  ...{ items, progress, watched, ratings, favorites: favourites },
});

export function viewAlignment({ meetings, people, servers, dryRun }: Known): z.input<typeof alignmentView> {
  const met = new Set(meetings.map(({ server, userId }) => `${server} ${userId}`));
  const toCome = people.flatMap(({ person, users }) =>
    users
      .filter(({ server, userId }) => servers.includes(server) && !met.has(`${server} ${userId}`))
      .map(({ server, userId }) => ({
        ...{ server, user_id: userId, username: person, met_at: null, touched: 0, joined: 0, writes: {} },
      })),
  );
  return {
    dry_run: dryRun,
    users: [
      ...meetings.map(({ server, userId, person, atMs, touched, joined, writes }) => ({
        ...{ server, user_id: userId, username: person, met_at: new Date(atMs).toISOString(), touched, joined },
        writes: Object.fromEntries(Object.entries(writes).map(([name, own]) => [name, writesView(own)])),
      })),
      ...toCome,
    ],
  };
}
