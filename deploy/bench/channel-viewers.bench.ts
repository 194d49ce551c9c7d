// Many viewers of one channel, one that never reads, and what viewers and HTTP notice of planning and snapshots.
import type { Bench } from './bench-line.ts';
import { crowdLines } from './crowded-channel.ts';
import { seedFilm } from './stream-media.ts';
import { manyLibraries, stallLines } from './stream-stalls.ts';
import { openStreamStand } from './stream-stand.ts';

const name = 'channel-viewers';
const FILM_S = 1_800;
const VIEWERS = 200;
const MEASURE_MS = 20_000;

export const bench: Bench = {
  name,
  async lines() {
    await using stand = await openStreamStand(
      (folder) => seedFilm(folder, FILM_S),
      (file) => [{ name: 'Seed', films: [{ name: 'Seed', file }] }, ...manyLibraries()],
    );
    const { folder, bundles, films: file, jellyfin } = stand;
    const crowd = await crowdLines(name, {
      folder,
      jellyfin,
      film: { name: 'Seed', file },
      viewers: VIEWERS,
      measureMs: MEASURE_MS,
    });
    return [...crowd, ...(await stallLines(name, { bundles, jellyfin, idleMs: MEASURE_MS / 2 }))];
  },
};
