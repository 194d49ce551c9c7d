// The first scan of a library with real files: ffprobe sees each file once, two at a time.
import type { Library } from './library.ts';
import type { PlayableSeed } from './library-seeds.ts';
import { type Scanned, scanFile } from './probe-media.ts';

/** Throws, naming the file, where ffprobe sees nothing in it. */
export async function scanLibrary(library: Library, real: ReadonlyMap<string, PlayableSeed>): Promise<void> {
  const scans = new Map<string, Promise<Scanned>>();
  const scan = (seed: PlayableSeed, file: string) => {
    const beside = seed.externalSubtitles ?? [];
    const key = JSON.stringify([file, beside]);
    const scanned = scans.get(key) ?? scanFile(file, beside);
    scans.set(key, scanned);
    return scanned;
  };
  const waiting = [...real].map(([id, seed]) => ({ id, seed, file: seed.file ?? '' }));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { id, seed, file } = next;
      const scanned = await scan(seed, file).catch((error: unknown) => {
        throw new Error(`library: ${file}: is no media file`, { cause: error });
      });
      const { createdMs, savedMs } = library.byId(id)?.facts ?? {};
      const runtimeMs = seed.runtimeMs ?? scanned.runtimeMs;
      library.change(id, { runtimeMs, source: scanned.source, facts: scanned.facts });
      if (savedMs !== undefined) library.date(id, savedMs, createdMs ?? savedMs);
    }
  };
  await Promise.all([work(), work()]);
}
