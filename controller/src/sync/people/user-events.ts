// Pure: what is told of users who are made, cannot be, are gone or were deleted. No password is ever in it.
import type { SyncEvent } from '../sync-event.ts';
import type { Departure } from './departure-store.ts';
import type { PersonUser } from './people.ts';
import type { Missing } from './plan-users.ts';

const detailsOf = ({ server, person }: { readonly server: string; readonly person: string }) => ({ server, person });

export const madeEvent = (
  missing: Missing,
  { missing: libraries, hasPassword }: { readonly missing: readonly string[]; readonly hasPassword: boolean },
): SyncEvent => {
  const unseen =
    libraries.length === 0
      ? ''
      : `; without the libraries ${libraries.join(', ')}, which ${missing.server} does not clearly have`;
  const password = hasPassword
    ? 'Passwords cannot be synced: an administrator fetches the new one, once'
    : 'It has no password, as this server is configured';
  return {
    type: 'user_made',
    severity: 'info',
    text: `User ${missing.name} was made on ${missing.server}, with the rights of ${missing.source.server}${unseen}. ${password}.`,
    details: { ...detailsOf(missing), source: missing.source.server },
  };
};

export const notMadeEvent = (missing: Missing, problem: string): SyncEvent => ({
  type: 'user_not_made',
  severity: 'warning',
  text: `User ${missing.name} cannot be made on ${missing.server}: ${problem}`,
  details: detailsOf(missing),
});

export const goneEvent = (row: Departure): SyncEvent =>
  row.status === 'renamed'
    ? {
        type: 'user_renamed',
        severity: 'warning',
        text: `${row.person} is called ${row.name} on ${row.server} now: rename them elsewhere too, or say in sync.user_map that they are one`,
        details: detailsOf(row),
      }
    : {
        type: 'user_gone',
        severity: 'warning',
        text: `User ${row.name} was deleted on ${row.server}: confirm it, and they are deleted elsewhere 7 days after; discard it, and they are made there again`,
        details: { ...detailsOf(row), departure: row.id },
      };

export const removedEvent = ({ server, name }: PersonUser, person: string): SyncEvent => ({
  type: 'user_deleted',
  severity: 'info',
  text: `User ${name} was deleted on ${server}`,
  details: detailsOf({ server, person }),
});
