// What goes over the notifications' socket: news of plays at once and each 10 s, and plenty of which nothing follows.
import type { Element } from './answer.ts';
import { notification, transcodeSession } from './session-dto.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Sockets } from './sockets.ts';

export type ReportsNeed = {
  readonly sessions: Sessions;
  readonly sockets: Pick<Sockets, 'tell'>;
  readonly progressMs: number;
  readonly noiseMs: number;
};

export type Reports = Disposable & {
  report(session: Session, what: 'started' | 'changed' | 'stopped'): void;
};

const activity: Element = {
  event: 'updated',
  uuid: 'd6199ba1-fb5e-4cae-bf17-1a5369c1cf1e',
  Activity: {
    uuid: 'd6199ba1-fb5e-4cae-bf17-1a5369c1cf1e',
    type: 'library.refresh.items',
    cancellable: false,
    userID: 1,
    progress: 50,
  },
};
const timeline: Element = {
  identifier: 'com.plexapp.plugins.library',
  sectionID: '1',
  itemID: '4711',
  type: 1,
  title: 'A New Film',
  state: 5,
  updatedAt: 1_770_650_883,
};
/** What a player sends that was stopped from afar: a play without a session key. */
const nobodysPlay: Element = { guid: '', ratingKey: '', url: '', key: '', viewOffset: 0, state: 'stopped' };
/** Type, name of the list (null where there is none), its entry. */
const noise: readonly (readonly [string, string | null, Element])[] = [
  ['activity', 'ActivityNotification', activity],
  ['timeline', 'TimelineEntry', timeline],
  ['status', 'StatusNotification', { title: 'Library scan', description: 'Scanning', notificationName: 'LIBRARY_UPDATE' }],
  ['progress', 'ProgressNotification', { message: 'Matching' }],
  ['reachability', 'ReachabilityNotification', { reachability: true }],
  ['backgroundProcessingQueue', 'BackgroundProcessingQueueEventNotification', { queueID: 1, event: 'queueRegenerated' }],
  ['update.statechange', 'AutoUpdateNotification', { key: '', version: '', state: 'done' }],
  ['playing', 'PlaySessionStateNotification', nobodysPlay],
  ['something.newer', null, {}],
];

export function startReports(need: ReportsNeed): Reports {
  const { sessions, sockets } = need;
  const tellPlaying = (session: Session, state: string, sessionKey = session.key) =>
    sockets.tell('playing', 'PlaySessionStateNotification', [{ ...notification(session, state), sessionKey }]);
  const tellTranscode = (session: Session, type: string) => {
    if (session.decision.transcode) sockets.tell(`transcodeSession.${type}`, 'TranscodeSession', [transcodeSession(session)]);
  };
  const progress = setInterval(() => {
    for (const session of sessions.running()) {
      tellPlaying(session, session.state);
      tellTranscode(session, 'update');
    }
  }, need.progressMs);
  let turn = 0;
  const others = setInterval(() => {
    const [type, list, entry] = noise[turn++ % noise.length] ?? ['', null, {}];
    sockets.tell(type, list, [entry]);
  }, need.noiseMs);
  return {
    report(session, what) {
      if (what === 'started') tellTranscode(session, 'start');
      if (what !== 'stopped') return tellPlaying(session, session.state);
      tellPlaying(session, 'stopped', session.item.stopsUnderNewKey ? sessions.takeKey() : session.key);
      tellTranscode(session, 'end');
    },
    [Symbol.dispose]() {
      clearInterval(progress);
      clearInterval(others);
    },
  };
}
