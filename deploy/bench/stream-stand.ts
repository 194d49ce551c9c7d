// What the stream's benches stand on: a folder with films, the bundles as they are now, and a Jellyfin that has the films.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LibrarySeed } from '../demo/jellyfin/library-seeds.ts';
import { freshBuild } from './fresh-build.ts';
import { type JellyfinProcess, startJellyfin } from './jellyfin-process.ts';

export type StreamStand<Films> = AsyncDisposable & {
  readonly folder: string;
  /** Folder of the built programs. */
  readonly bundles: string;
  readonly films: Films;
  readonly jellyfin: JellyfinProcess;
};

/** Gone with its owner, the films too. @throws where the build or ffmpeg fails */
export async function openStreamStand<Films>(
  makeFilms: (folder: string) => Promise<Films>,
  libraryOf: (films: Films) => readonly LibrarySeed[],
): Promise<StreamStand<Films>> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const { folder: bundles } = undo.use(await freshBuild());
  const films = await makeFilms(folder);
  const jellyfin = undo.use(await startJellyfin(folder, libraryOf(films)));
  const kept = undo.move();
  return { folder, bundles, films, jellyfin, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
