// What the simulated Plex answers to whom. Only the few paths that a controller asks.
import { type Answer, container, type Element, empty, errorPage, withStrings } from './answer.ts';
import type { Asked } from './entrance.ts';
import type { Preferences, SettingDto } from './preferences.ts';
import { metadata } from './session-dto.ts';
import type { Sessions } from './sessions.ts';
import type { ResolvedOptions } from './simulator-options.ts';

export type RoutesNeed = {
  readonly options: ResolvedOptions;
  readonly machineIdentifier: string;
  readonly sessions: Sessions;
  readonly preferences: Preferences;
  readonly accounts: () => readonly { readonly id: number; readonly name: string }[];
  /** After a PUT that was taken. */
  readonly changed: (settings: readonly SettingDto[]) => void;
};

export type Routes = (asked: Asked & { readonly method: string; readonly accept: string }) => Answer;

type Route = { readonly for: 'anybody' | 'guest' | 'owner'; readonly answer: (query: Asked['query']) => Element | Answer };

const isAnswer = (answer: Element | Answer): answer is Answer => typeof (answer as Answer).body === 'string';

export function createRoutes(need: RoutesNeed): Routes {
  const { options, sessions, preferences } = need;
  const identity = () => ({ size: 0, claimed: true, machineIdentifier: need.machineIdentifier, version: options.version });
  const list = (): Element => {
    const entries = sessions.listed().map((session) => metadata(session, options.token));
    if (entries.length === 0) return { size: 0 };
    return { size: entries.length, Metadata: options.jsonValues === 'strings' ? entries.map(withStrings) : entries };
  };
  const put = (query: Asked['query']): Answer => {
    // Clients add X-Plex-… about themselves to any address; what is left is preferences.
    const fields = Object.fromEntries(Object.entries(query).filter(([name]) => !name.startsWith('X-Plex-')));
    const changed = Object.keys(fields).length === 0 ? null : preferences.put(fields);
    if (changed === null) return errorPage(400);
    need.changed(preferences.list().filter(({ id }) => changed.includes(String(id))));
    return empty;
  };
  const single = ({ id = '' }: Asked['query']): Element | Answer => {
    const setting = preferences.dto(id);
    return setting ? { size: 1, Setting: [setting] } : errorPage(404);
  };
  const routes: Readonly<Record<string, Route>> = {
    'GET /identity': { for: 'anybody', answer: identity },
    'GET /': { for: 'guest', answer: () => ({ ...identity(), ...capabilities(options) }) },
    'GET /status/sessions': { for: 'owner', answer: list },
    'GET /accounts': { for: 'owner', answer: () => accountList(need.accounts()) },
    'GET /:/prefs': { for: 'owner', answer: () => ({ size: preferences.list().length, Setting: preferences.list() }) },
    'GET /:/prefs/get': { for: 'owner', answer: single },
    'PUT /:/prefs': { for: 'owner', answer: put },
  };
  return ({ method, path, query, caller, accept }) => {
    const route = routes[`${method} ${path}`];
    if (caller === null && route?.for !== 'anybody') return errorPage(401);
    if (!route) return errorPage(404);
    if (route.for === 'owner' && caller !== 'owner') return errorPage(options.guestStatus);
    const answer = route.answer(query);
    return isAnswer(answer) ? answer : container(answer, accept);
  };
}

const capabilities = (options: ResolvedOptions): Element => ({
  size: 3,
  allowSync: true,
  friendlyName: options.friendlyName,
  myPlex: true,
  myPlexMappingState: 'mapped',
  myPlexSigninState: 'ok',
  myPlexSubscription: options.plexPass,
  platform: 'Linux',
  pushNotifications: true,
  transcoderActiveVideoSessions: 0,
  updatedAt: 1_770_650_883,
  Directory: ['library', 'status', 'transcode'].map((key) => ({ count: 1, key, title: key })),
});

function accountList(accounts: readonly { readonly id: number; readonly name: string }[]): Element {
  const entries = accounts.map(({ id, name }) => ({ id, key: `/accounts/${id}`, name, defaultAudioLanguage: 'en', thumb: '' }));
  return { size: entries.length, identifier: 'com.plexapp.system.accounts', Account: entries };
}
