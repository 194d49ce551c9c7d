// Tuning in: first bytes through the whole controller, the first picture of a programme beside bare ffmpeg, joining, and a Jellyfin in between.
import type { Bench } from './bench-line.ts';
import { makeFilms, SEED, startLines } from './programme-starts.ts';
import { openStreamStand } from './stream-stand.ts';
import { jellyfinLines, tuneInLines } from './tune-ins.ts';

const name = 'channel-stream';
const STARTS = { seed: 7, hard: 9, copy: 20 };
/** In each of three states. */
const TUNE_INS = { each: 6, joins: 50 };

export const bench: Bench = {
  name,
  async lines() {
    await using stand = await openStreamStand(makeFilms, (made) => [
      // Channels of the whole controller play the seeds' film, whatever is drawn.
      { name: 'Films', films: [{ name: 'Film', file: made.get(SEED) ?? '' }] },
      { name: 'Hard', films: [...made].map(([film, file]) => ({ name: film, file })) },
    ]);
    const { folder, bundles, films, jellyfin } = stand;
    return [
      ...(await tuneInLines(name, { bundles, jellyfin, runs: TUNE_INS })),
      ...(await startLines(name, { folder, jellyfin, films, runs: STARTS })),
      ...(await jellyfinLines(name, bundles, films.get(SEED) ?? '')),
    ];
  },
};
