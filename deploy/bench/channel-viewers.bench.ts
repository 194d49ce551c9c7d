// Many viewers of one channel, one that never reads, and what viewers and HTTP notice of planning and snapshots.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench-line.ts';
import { crowdLines } from './crowded-channel.ts';
import { freshBuild } from './fresh-build.ts';
import { startJellyfin } from './jellyfin-process.ts';
import { seedFilm } from './stream-media.ts';
import { manyLibraries, stallLines } from './stream-stalls.ts';

const name = 'channel-viewers';
const FILM_S = 1_800;
const VIEWERS = 200;
const MEASURE_MS = 20_000;

export const bench: Bench = {
  name,
  async lines() {
    await using undo = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    undo.defer(() => rm(folder, { recursive: true, force: true }));
    const built = undo.use(await freshBuild());
    const file = await seedFilm(folder, FILM_S);
    const library = [{ name: 'Seed', films: [{ name: 'Seed', file }] }, ...manyLibraries()];
    const jellyfin = undo.use(await startJellyfin(folder, library));
    const crowd = await crowdLines(name, {
      folder,
      jellyfin,
      film: { name: 'Seed', file },
      viewers: VIEWERS,
      measureMs: MEASURE_MS,
    });
    return [...crowd, ...(await stallLines(name, { bundles: built.folder, jellyfin, idleMs: MEASURE_MS / 2 }))];
  },
};
