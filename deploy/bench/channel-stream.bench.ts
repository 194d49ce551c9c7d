// Tuning in: first bytes through the whole controller, the first picture of a programme beside bare ffmpeg, joining, and a Jellyfin in between.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench-line.ts';
import { freshBuild } from './fresh-build.ts';
import { startJellyfin } from './jellyfin-process.ts';
import { makeFilms, SEED, startLines } from './programme-starts.ts';
import { jellyfinLines, tuneInLines } from './tune-ins.ts';

const name = 'channel-stream';
const STARTS = { seed: 7, hard: 5, copy: 20 };
/** In each of three states. */
const TUNE_INS = { each: 6, joins: 50 };

export const bench: Bench = {
  name,
  async lines() {
    await using undo = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    undo.defer(() => rm(folder, { recursive: true, force: true }));
    const { folder: bundles } = undo.use(await freshBuild());
    const films = await makeFilms(folder);
    const seed = films.get(SEED) ?? '';
    const starts = [...films].map(([film, file]) => ({ name: film, file }));
    // Channels of the whole controller play the seeds' film, whatever is drawn.
    const library = [
      { name: 'Films', films: [{ name: 'Film', file: seed }] },
      { name: 'Hard', films: starts },
    ];
    const jellyfin = undo.use(await startJellyfin(folder, library));
    return [
      ...(await tuneInLines(name, { bundles, jellyfin, runs: TUNE_INS })),
      ...(await startLines(name, { folder, jellyfin, films, runs: STARTS })),
      ...(await jellyfinLines(name, bundles, seed)),
    ];
  },
};
