// Asks running players for something, through their server: one look at the session, then one request.
import type { Clock } from '../clock.ts';
import type { Players, PlayingStream } from '../neighbours/media-server.ts';
import type { JellyfinHttp } from './jellyfin-http.ts';
import type { MediaSource, Session } from './jellyfin-schemas.ts';
import { audioIndex, playingNow, replayQuery, skillsOf } from './player-orders.ts';

export type PlayersDeps = {
  readonly sessions: (signal: AbortSignal) => Promise<readonly Session[]>;
  readonly itemSources: (itemId: string, userId: string, signal: AbortSignal) => Promise<readonly MediaSource[]>;
  readonly http: Pick<JellyfinHttp, 'send' | 'clockOffsetMs'>;
  readonly clock: Clock;
};

/** Without TimeoutMs the web client shows a dialog that hides the film; with it a toast of 3.3 s, whatever the value. */
const SHOWN_MS = 8_000;

export function createPlayers({ sessions, itemSources, http, clock }: PlayersDeps): Players {
  const session = async (stream: PlayingStream, signal: AbortSignal): Promise<Session | null> =>
    playingNow(await sessions(signal), stream, clock.now() + http.clockOffsetMs());
  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<true> => {
    const headers = { 'content-type': 'application/json' };
    await http.send({ method: 'POST', path, headers, body: JSON.stringify(body), signal });
    return true;
  };
  const at = (stream: PlayingStream): string => `/Sessions/${encodeURIComponent(stream.id)}`;
  return {
    async renegotiate(stream, signal) {
      const now = await session(stream, signal);
      if (now === null || !skillsOf(now).renegotiates) return false;
      const sources = await itemSources(stream.itemId ?? '', stream.userId, signal);
      const index = audioIndex(now, sources);
      if (index === null) return false;
      return await post(`${at(stream)}/Command`, { Name: 'SetAudioStreamIndex', Arguments: { Index: String(index) } }, signal);
    },
    async replay(stream, signal) {
      const now = await session(stream, signal);
      if (now === null || !skillsOf(now).replays) return false;
      return await post(`${at(stream)}/Playing?${replayQuery(now)}`, {}, signal);
    },
    async show(stream, text, signal) {
      if (stream.skills?.shows !== true) return false;
      return await post(`${at(stream)}/Message`, { Text: text, TimeoutMs: SHOWN_MS }, signal);
    },
  };
}
