// What the contract suite runs against: the simulator in three versions, and a real Jellyfin where the environment names one. Each with one temporary user.
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { Target } from './neighbours.ts';
import { byKey, logIn, type Viewer } from './viewer.ts';

export type Subject = Target &
  AsyncDisposable & {
    readonly version: string;
    readonly userId: string;
    readonly userName: string;
    readonly viewer: Viewer;
    /** Something of more than 2.5 Mbit/s; null where the server has none. */
    readonly film: { readonly id: string; readonly bps: number } | null;
    /** Our X-Forwarded-For is believed: this machine is among its KnownProxies. */
    readonly believesForwarding: boolean;
    /** This machine is local to it. */
    readonly isLocal: boolean;
    /** Ours runs this many times faster where nobody waits for a real server. */
    readonly haste: number;
    /** Null where the server must not be restarted. */
    readonly restart: (() => Promise<void>) | null;
  };

const PREFIX = 'headgate-contract-';
const endpoint = z.object({ IsInNetwork: z.boolean() });
const films = z.object({
  Items: z.array(z.object({ Id: z.string(), MediaSources: z.array(z.object({ Bitrate: z.number().nullish() })).nullish() })),
});

const removeUser = (target: Target, id: string) => byKey(target, 'DELETE', `/Users/${id}`);

const removeLeftOvers = async (target: Target): Promise<void> => {
  const users = z.array(z.object({ Id: z.string(), Name: z.string() })).parse((await byKey(target, 'GET', '/Users')).json());
  for (const { Id, Name } of users) if (Name.startsWith(PREFIX)) await removeUser(target, Id);
};

const findFilm = async (target: Target, userId: string) => {
  const path = `/Items?recursive=true&includeItemTypes=Movie&fields=MediaSources&limit=100&userId=${userId}`;
  const { Items } = films.parse((await byKey(target, 'GET', path)).json());
  const rated = Items.map(({ Id, MediaSources }) => ({
    id: Id,
    bps: MediaSources?.[0]?.Bitrate ?? 0,
    sources: MediaSources?.length ?? 0,
  }));
  const fit = rated.filter(({ bps, sources }) => bps > 2_500_000 && sources === 1).sort((a, b) => a.bps - b.bps);
  return fit[0] ?? null;
};

type Life = Pick<Subject, 'haste' | 'restart'> & { readonly close: () => Promise<void> };

const openSubject = async (target: Target, life: Life): Promise<Subject> => {
  await removeLeftOvers(target);
  const [userName, password] = [PREFIX + randomBytes(4).toString('hex'), randomBytes(12).toString('hex')];
  const made = await byKey(target, 'POST', '/Users/New', { body: { Name: userName, Password: password } });
  const userId = z.object({ Id: z.string() }).parse(made.json()).Id;
  const isInNetwork = async (remote: boolean) =>
    endpoint.parse((await byKey(target, 'GET', '/System/Endpoint', { remote })).json()).IsInNetwork;
  const info = z.object({ Version: z.string() }).parse((await byKey(target, 'GET', '/System/Info')).json());
  return {
    ...target,
    version: info.Version,
    userId,
    userName,
    viewer: await logIn(target, userName, password),
    film: await findFilm(target, userId),
    believesForwarding: !(await isInNetwork(true)),
    isLocal: await isInNetwork(false),
    haste: life.haste,
    restart: life.restart,
    async [Symbol.asyncDispose]() {
      await removeUser(target, userId);
      await life.close();
    },
  };
};

const simulated = (version: string) => async (): Promise<Subject> => {
  const network = { KnownProxies: ['127.0.0.1'] };
  const sim = await startJellyfinSimulator({ version, network, restartMs: 1000 });
  return openSubject(sim, { haste: 5, close: async () => sim[Symbol.asyncDispose](), restart: sim.restart });
};

const real = (target: Target, mayRestart: boolean) => () => {
  const restart = async () => {
    await byKey(target, 'POST', '/System/Restart');
  };
  return openSubject(target, { haste: 1, close: async () => {}, restart: mayRestart ? restart : null });
};

/** By name. `HEADGATE_TEST_JELLYFIN_MAY_RESTART=1` lets the suite restart the real one, which stops whoever watches. */
export const contractSubjects = (environment: NodeJS.ProcessEnv): ReadonlyMap<string, () => Promise<Subject>> => {
  const subjects = new Map<string, () => Promise<Subject>>();
  for (const version of ['12.0.0', '10.11.11', '10.10.7']) subjects.set(`simulated ${version}`, simulated(version));
  const { HEADGATE_TEST_JELLYFIN_URL: url, HEADGATE_TEST_JELLYFIN_API_KEY: apiKey } = environment;
  const mayRestart = environment['HEADGATE_TEST_JELLYFIN_MAY_RESTART'] === '1';
  if (url && apiKey) subjects.set('real', real({ url: url.replace(/\/+$/, ''), apiKey }, mayRestart));
  return subjects;
};
