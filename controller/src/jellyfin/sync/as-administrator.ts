// Whose view of the libraries is taken: a key is nobody (400), and only an administrator who is kept from nothing sees all that there is.
import { ControllerError } from '../../errors.ts';
import type { SyncHttp } from './sync-http.ts';
import { type UserAnswer, userAnswers } from './sync-schemas.ts';

export type Administrator = {
  /** Calls with the id of an administrator, and once more where that user is gone meanwhile: a 404 may mean either. */
  as<Result>(work: (userId: string) => Promise<Result>, signal: AbortSignal): Promise<Result>;
  /** Asked for afresh. */
  id(signal: AbortSignal): Promise<string>;
};

/** Administrators can be restricted like anybody else. */
const width = ({ Policy: policy }: UserAnswer): number => {
  const tags = (policy?.BlockedTags?.length ?? 0) + (policy?.AllowedTags?.length ?? 0);
  const allFolders = policy?.EnableAllFolders ?? true;
  const unrestricted = typeof policy?.MaxParentalRating !== 'number' && tags === 0;
  return (allFolders ? 2 : 0) + (unrestricted ? 1 : 0);
};

export const createAdministrator = (http: SyncHttp): Administrator => {
  let known: { readonly id: string; readonly outages: number } | null = null;

  const id = async (signal: AbortSignal): Promise<string> => {
    const users = await http.ask(userAnswers, { path: '/Users', signal });
    const may = users.filter(({ Policy: policy }) => policy?.IsAdministrator && !policy.IsDisabled);
    const best = may.sort((a, b) => width(b) - width(a))[0];
    if (best === undefined) throw new ControllerError('upstream_failed', `${http.who} has no administrator`);
    known = { id: best.Id, outages: http.outages() };
    return best.Id;
  };

  return {
    id,
    async as(work, signal) {
      // After an outage it may be another server altogether.
      const isFresh = known === null || known.outages !== http.outages();
      const me = known === null || isFresh ? await id(signal) : known.id;
      try {
        return await work(me);
      } catch (error) {
        if (isFresh || !(error instanceof ControllerError) || error.code !== 'not_found') throw error;
        const another = await id(signal);
        if (another === me) throw error;
        return await work(another);
      }
    },
  };
};
