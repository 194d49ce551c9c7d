// Where blocks go: a file of each run and UTC day in the folder, and the upkeep of those that are there.
import { packBlock } from './block.ts';
import { type BlockContent, utcDay } from './open-block.ts';
import { RECORDING_VERSION } from './recorded-turn.ts';
import { headerOf } from './recording-file.ts';
import { createRecording, listRecordings, type NewRecording, removeDrafts, removeRecording } from './recordings.ts';
import { nextUpkeep, type RecordingLimits } from './upkeep.ts';

export type ShelfDeps = {
  readonly folder: string;
  readonly limits: RecordingLimits;
  /** The version of Headgate, for a person who looks at a file. */
  readonly by: string;
  /** UTC ms. */
  readonly now: () => number;
  /** Makes one turn a minute of a file, off the event loop. */
  readonly thin: (folder: string, name: string, signal: AbortSignal) => Promise<void>;
};

export type RecordingShelf = {
  /** @throws what the file system says; the next block then begins a new file. */
  write(block: BlockContent): Promise<void>;
  /** Thins and deletes until all is within the limits. @throws what the file system says. */
  tidy(signal: AbortSignal): Promise<void>;
  stock(): { readonly bytes: number; readonly since: number | null };
  close(): Promise<void>;
};

/** Of the limit of bytes, so that there are always older files to delete; and what a reader takes into memory at once. */
const PART_OF_LIMIT = 4;
const MOST_FILE_BYTES = 64 * 2 ** 20;

type Open = { readonly file: NewRecording; readonly day: number; bytes: number };

export function createShelf({ folder, limits, by, now, thin }: ShelfDeps): RecordingShelf {
  const header = headerOf({ version: RECORDING_VERSION, eachMs: 0, by });
  const largest = Math.min(MOST_FILE_BYTES, limits.maxBytes / PART_OF_LIMIT);
  let open: Open | null = null;
  let stock: { readonly bytes: number; readonly since: number | null } = { bytes: 0, since: null };
  const failed = new Set<string>();
  const close = async (): Promise<void> => {
    const { file } = open ?? {};
    open = null;
    await file?.[Symbol.asyncDispose]();
  };
  const fileFor = async (block: BlockContent): Promise<Open> => {
    if (open !== null && open.day === utcDay(block.fromUtc) && open.bytes < largest) return open;
    await close();
    open = { file: await createRecording(folder, block.fromUtc, header), day: utcDay(block.fromUtc), bytes: header.length };
    stock = { ...stock, since: stock.since ?? block.fromUtc };
    return open;
  };
  return {
    async write(block) {
      const packed = await packBlock(block.text, block);
      const into = await fileFor(block);
      try {
        await into.file.append(packed);
      } catch (error) {
        // What was written of the block stands at the end of this file, where a reader drops it.
        await close().catch(() => {});
        throw error;
      }
      into.bytes += packed.length;
      stock = { ...stock, bytes: stock.bytes + packed.length };
    },
    async tidy(signal) {
      await removeDrafts(folder);
      while (!signal.aborted) {
        const files = await listRecordings(folder);
        stock = { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), since: files[0]?.start ?? null };
        const step = nextUpkeep(files, { limits, utcNow: now(), openName: open?.file.name ?? null, failed });
        if (step === null) return;
        if (step.kind === 'delete') await removeRecording(folder, step.name);
        // One that cannot be read is kept for its time, and deleted then.
        else await thin(folder, step.name, signal).catch(() => void failed.add(step.name));
      }
    },
    stock: () => stock,
    close,
  };
}
