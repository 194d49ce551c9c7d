// Tuning in: first bytes through the whole controller, the first picture of a programme beside bare ffmpeg, joining, and a Jellyfin in between.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench-line.ts';
import { startJellyfin } from './jellyfin-process.ts';
import { makeFilms, startLines } from './programme-starts.ts';

const name = 'channel-stream';

export const bench: Bench = {
  name,
  async lines() {
    await using undo = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    undo.defer(() => rm(folder, { recursive: true, force: true }));
    const films = await makeFilms(folder);
    const library = [{ name: 'Films', films: [...films].map(([film, file]) => ({ name: film, file, genres: ['Test'] })) }];
    const jellyfin = undo.use(await startJellyfin(folder, library));
    return [...(await startLines(name, { folder, jellyfin, films, runs: { seed: 3, hard: 2, copy: 4 } }))];
  },
};
