// A simulated Plex Media Server of loopback, wired: HTTP, notifications, preferences and scripted viewers as one disposable thing.
import { randomBytes } from 'node:crypto';
import type { Faults } from './entrance.ts';
import { openListener } from './listener.ts';
import { createPreferences, type Preferences, type PreferenceValue } from './preferences.ts';
import { type Reports, startReports } from './reports.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createRoutes } from './routes.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { type PlexSimulatorOptions, type ResolvedOptions, resolveOptions } from './simulator-options.ts';
import { createSockets } from './sockets.ts';
import { createViewer, type PlexViewer, type ScriptedViewer, type ViewerOptions } from './viewer.ts';

export type { PlexSimulatorOptions } from './simulator-options.ts';
export type { PlayOptions, PlexViewer, ViewerOptions } from './viewer.ts';

export type PlexSimulator = AsyncDisposable &
  Pick<RequestLog, 'requests' | 'secretsInUrls'> & {
    readonly url: string;
    /** The owner's. */
    readonly token: string;
    /** A shared user's: may neither see who plays nor the preferences. */
    readonly guestToken: string;
    /** A scripted viewer; it ends with the simulator. */
    viewer(options: ViewerOptions): PlexViewer;
    preference(id: string): PreferenceValue | undefined;
    /** The owner's hand in the dashboard. */
    setPreference(id: string, value: PreferenceValue): void;
    /** bit/s that viewers draw over the home's uplink now. */
    traffic(): { readonly upBps: number };
    /** Cuts all notification sockets now. */
    dropSockets(): void;
    /** Upgrades are answered 503. */
    refuseSockets(on: boolean): void;
    /** Sockets stay open and say nothing. */
    muteSockets(on: boolean): void;
    sockets(): number;
    /** Everything is cut and refused; sessions are forgotten, preferences kept. */
    powerOff(): Promise<void>;
    /** Same port; session keys start anew. */
    powerOn(): Promise<void>;
    /** Connections are taken, nothing is ever answered. What was asked meanwhile stays unanswered. */
    stall(on: boolean): void;
    /** Every request and upgrade gets this status; null ends it. */
    failWith(status: number | null): void;
    /** 401 for the right token; sockets that are open stay so. */
    refuseToken(on: boolean): void;
    /** Content ends in the middle. */
    garble(on: boolean): void;
  };

const guestToken = 'guest-Token-0987654321';

/** Listens on loopback when it resolves; ends with everything that it opened when disposed. */
export async function startPlexSimulator(given: PlexSimulatorOptions = {}): Promise<PlexSimulator> {
  const options = resolveOptions(given);
  const faults: Faults = { stalled: false, failingWith: null, tokenRefused: false, garbled: false };
  const log = createRequestLog();
  const sessions = createSessions(options.listDelayMs);
  const preferences = createPreferences(options.preferences);
  const people = createPeople();
  const entrance = { basePath: options.basePath, token: options.token, guestToken, log, faults };
  const sockets = createSockets({ ...entrance, answersPings: options.answersPings });
  const routes = createRoutes({
    options,
    sessions,
    preferences,
    machineIdentifier: randomBytes(20).toString('hex'),
    accounts: people.list,
    changed: (settings) => sockets.tell('preference', 'Setting', settings),
  });
  const listener = await openListener({
    ...entrance,
    port: options.port,
    tls: options.tls,
    routes,
    upgrade: sockets.upgrade,
  });
  const reports = startReports({ sessions, sockets, progressMs: options.progressMs, noiseMs: options.noiseMs });
  const viewers = createViewers({ options, sessions, preferences, people, reports, powered: listener.listening });
  const powerOff = async () => {
    sessions.forget();
    sockets.drop();
    await listener.close();
  };
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${listener.port}${options.basePath}`,
    token: options.token,
    guestToken,
    requests: log.requests,
    secretsInUrls: log.secretsInUrls,
    viewer: viewers.viewer,
    traffic: viewers.traffic,
    preference: preferences.get,
    setPreference(id, value) {
      preferences.set(id, value);
      const setting = preferences.dto(id);
      if (setting) sockets.tell('preference', 'Setting', [setting]);
    },
    dropSockets: sockets.drop,
    refuseSockets: sockets.refuse,
    muteSockets: sockets.mute,
    sockets: sockets.count,
    ...faultSwitches(faults),
    powerOff,
    powerOn: listener.listen,
    async [Symbol.asyncDispose]() {
      reports[Symbol.dispose]();
      await powerOff();
    },
  };
}

function faultSwitches(faults: Faults) {
  return {
    stall(on: boolean) {
      faults.stalled = on;
    },
    failWith(status: number | null) {
      faults.failingWith = status;
    },
    refuseToken(on: boolean) {
      faults.tokenRefused = on;
    },
    garble(on: boolean) {
      faults.garbled = on;
    },
  };
}

type People = {
  /** 1 is the owner, whatever the account is called at plex.tv. */
  id(name: string): number;
  list(): readonly { readonly id: number; readonly name: string }[];
};

function createPeople(): People {
  const names: string[] = [];
  return {
    id(name) {
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name) + 1;
    },
    list: () => names.map((name, at) => ({ id: at + 1, name })),
  };
}

type ViewersNeed = {
  readonly options: ResolvedOptions;
  readonly sessions: Sessions;
  readonly preferences: Preferences;
  readonly people: People;
  readonly reports: Reports;
  readonly powered: () => boolean;
};

function createViewers({ options, sessions, preferences, people, reports, powered }: ViewersNeed) {
  const viewers: ScriptedViewer[] = [];
  const limits = () => ({
    perStreamKbps: options.plexPass ? Number(preferences.get('WanPerStreamMaxUploadRate')) : 0,
    totalKbps: options.plexPass ? Number(preferences.get('WanTotalMaxUploadRate')) : 0,
  });
  return {
    viewer(wanted: ViewerOptions): PlexViewer {
      const scripted = createViewer(
        {
          sessions,
          limits,
          userId: people.id,
          startState: options.startState,
          startBufferMs: options.listDelayMs * 2,
          pauseBufferMs: options.pauseBufferMs,
          report: reports.report,
          powered,
        },
        wanted,
      );
      viewers.push(scripted);
      return scripted.viewer;
    },
    traffic: () => ({ upBps: viewers.reduce((sum, viewer) => sum + viewer.drawnBps(), 0) }),
  };
}
