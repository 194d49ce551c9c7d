// Stopping Deluge as a whole: its session pauses, and every torrent keeps its own state and its place in the queue.
import { z } from 'zod';
import type { TorrentPausing } from '../neighbours/download-client.ts';
import type { Daemon } from './open-daemon.ts';

/** All of it. Single torrents would have to leave the queue's care to be paused, and those that wait in the queue would start in their place. */
const SESSION = '*';

export const openPausing = (daemon: Daemon): TorrentPausing => ({
  // A session that its user paused does not run, so that we never start it.
  running: async (signal) => {
    const paused = await daemon.ask(z.boolean(), { method: 'core.is_session_paused' }, signal);
    return paused ? [] : [SESSION];
  },
  pause: async (ids, signal) => {
    if (ids.includes(SESSION)) await daemon.ask(z.unknown(), { method: 'core.pause_session' }, signal);
  },
  resume: async (ids, signal) => {
    if (ids.includes(SESSION)) await daemon.ask(z.unknown(), { method: 'core.resume_session' }, signal);
  },
});
