// What the contract suite runs against: simulated Plexes, and a real one where the environment names it.
import { type PlexSimulatorOptions, startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import type { Target } from './watched-plex.ts';

export type Subject = Target &
  AsyncDisposable & {
    /** Begins and ends a play; null where nobody can be made to watch. */
    readonly viewer: { play(): Promise<void>; pause(): Promise<void>; leave(): Promise<void> } | null;
    /** Its limit per stream may be changed for a moment, and put back. */
    readonly mayWrite: boolean;
  };

const simulated = (options: PlexSimulatorOptions) => async (): Promise<Subject> => {
  const sim = await startPlexSimulator({ preferences: { WanPerStreamMaxUploadRate: 20_000 }, ...options });
  return {
    url: sim.url,
    token: sim.token,
    viewer: sim.viewer({ user: 'anna' }),
    mayWrite: true,
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
  };
};

/**
 * By name. The real one is only read; `HEADGATE_PLEX_MAY_WRITE=1` lets the suite change its limit per remote stream and put it back,
 * which a viewer who starts in that second feels.
 */
export const contractSubjects = (environment: NodeJS.ProcessEnv): ReadonlyMap<string, () => Promise<Subject>> => {
  const subjects = new Map<string, () => Promise<Subject>>();
  subjects.set('simulated, typed values', simulated({}));
  subjects.set('simulated, values as text', simulated({ jsonValues: 'strings', startState: 'buffering' }));
  const { HEADGATE_PLEX_URL: url, HEADGATE_PLEX_TOKEN: token } = environment;
  const mayWrite = environment['HEADGATE_PLEX_MAY_WRITE'] === '1';
  if (url && token) {
    const target = { url: url.replace(/\/+$/, ''), token };
    subjects.set('real', async () => ({ ...target, viewer: null, mayWrite, [Symbol.asyncDispose]: async () => {} }));
  }
  return subjects;
};
