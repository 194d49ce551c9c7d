// What this node placed, threw away and found wrong: one file, written whole at each change, checked when read.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@headgate/agent-router/agent-ground';
import { groupName, relativePath } from '@headgate/protocol';
import * as z from 'zod/mini';
import { messageOf } from '../errors.ts';
import { readIfThere, writeAtomically } from './atomic-file.ts';

const bytes = z.int().check(z.nonnegative());
const ms = z.number();
const placedFile = z.object({
  path: relativePath,
  size: bytes,
  mtimeMs: ms,
  /** Of the bytes as they were placed; null where the manifest named none. */
  sha256: z.nullable(z.string()),
  group: groupName,
  /** Its item's path: one item may have many files. */
  item: relativePath,
  infoHash: z.nullable(z.string()),
  /** Since when the group shares it no more; null while it does. */
  leavingSinceMs: z.nullable(ms),
  /** The media server has not heard of it. */
  isUntold: z.optional(z.boolean()),
});
const MOST_QUARANTINED = 2_000;
/** A file that this node put into the library. Nothing else is ever renamed or taken away. */
export type PlacedFile = z.infer<typeof placedFile>;

const state = z.object({
  version: z.literal(1),
  placed: z.array(placedFile),
  /** By item key: how often its bytes were wrong, and until when it is left alone. */
  quarantined: z.record(z.string(), z.object({ tries: bytes, notBeforeMs: ms, problem: z.string() })),
});
export type Quarantined = z.infer<typeof state>['quarantined'][string];

export type NodeState = {
  readonly placed: () => readonly PlacedFile[];
  readonly quarantined: (key: string) => Quarantined | null;
  /** Paths of which the media server has not heard, also from before a restart. */
  readonly untold: () => readonly string[];
  readonly told: (paths: readonly string[]) => Promise<void>;
  /** Each resolves once it is on disk. Of one path the later one stands. */
  readonly put: (...files: readonly PlacedFile[]) => Promise<void>;
  readonly drop: (...paths: readonly string[]) => Promise<void>;
  readonly move: (from: string, file: PlacedFile) => Promise<void>;
  readonly quarantine: (key: string, quarantined: Quarantined | null) => Promise<void>;
};

/** A file that cannot be read is kept aside and told: what it named is then looked at again, byte by byte. */
export async function openNodeState(folder: string, log: Log): Promise<NodeState> {
  const file = join(folder, 'state.json');
  const read = await readState(file, log);
  const placed = new Map(read.placed.map((one) => [one.path, one]));
  const quarantined = new Map(Object.entries(read.quarantined));
  let writing: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;
  const save = (): Promise<void> => {
    // All changes that arrive while one write runs share the next.
    waiting ??= writing.then(() => {
      waiting = null;
      const content = {
        version: 1,
        placed: [...placed.values()],
        quarantined: Object.fromEntries(quarantined),
      };
      const write = writeAtomically(file, JSON.stringify(content));
      writing = write.catch(() => {});
      return write;
    });
    return waiting;
  };
  return {
    placed: () => [...placed.values()],
    quarantined: (key) => quarantined.get(key) ?? null,
    untold: () => [...placed.values()].filter(({ isUntold }) => isUntold === true).map(({ path }) => path),
    async told(paths) {
      const heard = paths.flatMap((path) => placed.get(path) ?? []).filter(({ isUntold }) => isUntold === true);
      for (const one of heard) placed.set(one.path, { ...one, isUntold: false });
      if (heard.length > 0) await save();
    },
    async put(...files) {
      if (files.length === 0) return;
      for (const one of files) placed.set(one.path, one);
      await save();
    },
    async drop(...paths) {
      if (paths.filter((path) => placed.delete(path)).length > 0) await save();
    },
    move(from, one) {
      placed.delete(from);
      placed.set(one.path, one);
      return save();
    },
    async quarantine(key, one) {
      if (!quarantined.delete(key) && one === null) return;
      if (one !== null) quarantined.set(key, one);
      const [oldest] = quarantined.keys();
      if (oldest !== undefined && quarantined.size > MOST_QUARANTINED) quarantined.delete(oldest);
      await save();
    },
  };
}

async function readState(file: string, log: Log): Promise<z.infer<typeof state>> {
  const text = await readIfThere(file);
  const none = { version: 1 as const, placed: [], quarantined: {} };
  if (text === null) return none;
  try {
    return z.parse(state, JSON.parse(text));
  } catch (error) {
    const aside = `${file}.unreadable`;
    await rename(file, aside);
    log.error(
      { aside, problem: messageOf(error).slice(0, 300) },
      'the record of what was placed cannot be read; the files are verified anew',
    );
    return none;
  }
}
