// Stopping Deluge as a whole: its session pauses, and every torrent keeps its own state and its place in the queue.
import { z } from 'zod';
import type { TorrentPausing } from '../neighbours/download-client.ts';
import { torrentsById } from './answers.ts';
import type { Daemon } from './open-daemon.ts';

/** All of it. Single torrents would have to leave the queue's care to be paused, and those that wait in it would start in their place. */
const SESSION = '*';

export const openPausing = (daemon: Daemon): TorrentPausing => {
  const inState = async (state: 'Queued' | 'Paused', signal: AbortSignal): Promise<readonly string[]> => {
    const request = { method: 'core.get_torrents_status', params: [{ state }, ['state']] };
    return Object.keys(await daemon.ask(torrentsById, request, signal));
  };
  return {
    // A session that its user paused does not run, so that we never start it. Those that wait in the queue are named, see resume.
    running: async (signal) => {
      if (await daemon.ask(z.boolean(), { method: 'core.is_session_paused' }, signal)) return [];
      return [SESSION, ...(await inState('Queued', signal))];
    },
    pause: async (ids, signal) => {
      if (ids.includes(SESSION)) await daemon.ask(z.unknown(), { method: 'core.pause_session' }, signal);
    },
    resume: async (ids, signal) => {
      if (ids.includes(SESSION)) await daemon.ask(z.unknown(), { method: 'core.resume_session' }, signal);
      const waited = new Set(ids.filter((id) => id !== SESSION));
      if (waited.size === 0) return;
      // A daemon that saves while its session is paused takes those in the queue for paused by hand: after a restart they would stay so.
      const strayed = (await inState('Paused', signal)).filter((id) => waited.has(id));
      // Of an empty list Deluge makes all torrents, of an unknown one an error.
      if (strayed.length > 0) await daemon.ask(z.unknown(), { method: 'core.resume_torrents', params: [strayed] }, signal);
    },
  };
};
