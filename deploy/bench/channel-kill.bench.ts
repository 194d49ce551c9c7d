// SIGKILL of an ffmpeg, of the source Jellyfin and of the controller while channels are watched (ruling 1 of issue 5).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench-line.ts';
import { freshBuild } from './fresh-build.ts';
import { startJellyfin } from './jellyfin-process.ts';
import { killLines } from './stream-kills.ts';
import { seedFilm } from './stream-media.ts';

const name = 'channel-kill';
const FILM_S = 1_800;
/** Ten kills of each kind. */
const TIMES = { channels: 2, rounds: 5 };

export const bench: Bench = {
  name,
  async lines() {
    await using undo = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
    undo.defer(() => rm(folder, { recursive: true, force: true }));
    const built = undo.use(await freshBuild());
    const file = await seedFilm(folder, FILM_S);
    const library = [{ name: 'Films', films: [{ name: 'Seed', file }] }];
    const jellyfin = undo.use(await startJellyfin(folder, library));
    return [...(await killLines(name, { bundles: built.folder, jellyfin, ...TIMES }))];
  },
};
