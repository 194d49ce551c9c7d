// SIGKILL of an ffmpeg, of the source Jellyfin and of the controller while channels are watched (ruling 1 of issue 5).
import type { Bench } from './bench-line.ts';
import { killLines } from './stream-kills.ts';
import { seedFilm } from './stream-media.ts';
import { openStreamStand } from './stream-stand.ts';

const name = 'channel-kill';
const FILM_S = 1_800;
/** Ten kills of each kind. */
const TIMES = { channels: 2, rounds: 5 };

export const bench: Bench = {
  name,
  async lines() {
    await using stand = await openStreamStand(
      (folder) => seedFilm(folder, FILM_S),
      (file) => [{ name: 'Films', films: [{ name: 'Seed', file }] }],
    );
    return [...(await killLines(name, { ...stand, ...TIMES }))];
  },
};
