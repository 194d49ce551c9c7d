// Stopping SABnzbd's queue as a whole; post-processing goes on, and single jobs keep what their user chose.
import type { TorrentPausing } from '../neighbours/download-client.ts';
import type { Queue } from './answers.ts';
import type { Api } from './open-api.ts';

/** All of it. */
const QUEUE = '*';

type Deps = { readonly api: Api; readonly read: (signal: AbortSignal) => Promise<Queue> };

export const openPausing = ({ api, read }: Deps): TorrentPausing => ({
  running: async (signal) => ((await read(signal)).paused ? [] : [QUEUE]),
  // "pause" would make a pause of some minutes, which its user chose meanwhile, one for ever.
  pause: async (ids, signal) => {
    if (ids.includes(QUEUE) && !(await read(signal)).paused) await api.tell({ mode: 'pause' }, signal);
  },
  // And "resume" would end it early: it goes on by itself.
  resume: async (ids, signal) => {
    if (!ids.includes(QUEUE)) return;
    const { paused, pause_int } = await read(signal);
    if (paused && pause_int === '0') await api.tell({ mode: 'resume' }, signal);
  },
});
