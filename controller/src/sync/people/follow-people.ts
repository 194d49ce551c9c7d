// What it means for the others that users came to a server or are gone from it: written down with the news itself, so that no crash comes in between.
import type { Kysely } from 'kysely';
import { noteDeparture, noteReturn } from './departure-store.ts';
import { dropMade, madeUser } from './made-store.ts';
import type { FollowPeople } from './people.ts';
import type { UserTables } from './people-tables.ts';

export type FollowPeopleDeps = {
  /** What is done on a server that is only written to says nothing. */
  isSource(server: string): boolean;
  nowMs(): number;
};

export function followPeople({ isSource, nowMs }: FollowPeopleDeps): FollowPeople {
  return async (given, { server, came, gone, renamed }) => {
    const tx = given as unknown as Kysely<UserTables>;
    for (const { person, name } of gone) {
      const made = await madeUser(tx, { server, person });
      // Made by us and taken back, since it could not be finished: nobody is gone.
      if (made?.status === 'making') continue;
      if (made !== null) await dropMade(tx, { server, person });
      if (isSource(server)) await noteDeparture(tx, { server, person, name }, 'pending', nowMs());
    }
    for (const { before, after } of isSource(server) ? renamed : [])
      await noteDeparture(tx, { server, person: before.person, name: after.name }, 'renamed', nowMs());
    // After those who are gone: a server that was set up anew has the same people under other ids.
    for (const { person } of came) await noteReturn(tx, { server, person });
  };
}
