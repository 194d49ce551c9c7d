// The loops that stand in where no programme is ready: made once for each channel's picture, kept on disk, the first one of each in memory.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChannelLook } from '../on-air/live-messages.ts';
import { type Picture, pictureKey } from '../on-air/picture.ts';
import type { MakeSlate } from '../on-air/programme-order.ts';

export type SlateKind = 'starting' | 'fault' | 'off air';

export type SlateDeps = {
  readonly folder: string;
  /** Changes with the program that makes them. */
  readonly maker: string;
  readonly make: MakeSlate;
  readonly log: Log;
  readonly signal: AbortSignal;
};

export type Slates = {
  /** True when those of all looks are there, or cannot be made; false where a later call took over. `onStarting`: what viewers meet first is in memory. */
  prepare(looks: readonly ChannelLook[], onStarting?: () => void): Promise<boolean>;
  /** From memory: what a viewer gets in the same moment. Null where it is not ready. */
  starting(look: ChannelLook): Uint8Array | null;
  /** From disk, else made. Null where it cannot be made. */
  load(look: ChannelLook, kind: SlateKind): Promise<Uint8Array | null>;
  /** For one occasion: not kept. Null where it cannot be made. */
  card(picture: Picture, lines: readonly string[]): Promise<Uint8Array | null>;
};

const LINES: Readonly<Record<SlateKind, string>> = {
  starting: 'One moment, please',
  fault: 'Technical fault',
  'off air': 'Off air',
};
const SYNC = 0x47;
const KINDS = ['starting', 'fault', 'off air'] as const;
/** Ours, and what a crash left of them: nothing else in the folder is touched. */
const OUR_FILE = /^\d+x\d+_[\w.-]+_[0-9a-f]{16}\.ts(\.\d+)?$/;

export function createSlates({ folder, maker, make, log, signal }: SlateDeps): Slates {
  const memory = new Map<string, Uint8Array>();
  /** Looked at before: a hundred channels are told of again with each that comes. */
  const prepared = new Set<string>();
  let preparing = new AbortController();
  const nameOf = (look: ChannelLook, kind: SlateKind): string => {
    const hash = createHash('sha256').update(JSON.stringify([maker, look.name, LINES[kind]]));
    return `${pictureKey(look.picture)}_${hash.digest('hex').slice(0, 16)}.ts`;
  };
  const made = async (
    picture: Picture,
    lines: readonly string[],
    until: AbortSignal,
    haste: 'awaited' | 'ahead' = 'awaited',
  ): Promise<Uint8Array | null> => {
    try {
      return await make(picture, lines, until, haste);
    } catch (error) {
      if (!isAbort(error) && !until.aborted)
        log.error({ lines, error: messageOf(error) }, 'a slate cannot be made; viewers wait for the programme');
      return null;
    }
  };
  const load = async (look: ChannelLook, kind: SlateKind, ahead: AbortSignal | null = null): Promise<Uint8Array | null> => {
    const path = join(folder, nameOf(look, kind));
    const known = await readFile(path).catch(() => null);
    // A disk that lost power can leave a file of zeros.
    if (known?.[0] === SYNC) return known;
    const bytes = await made(look.picture, [look.name, LINES[kind]], ahead ?? signal, ahead === null ? 'awaited' : 'ahead');
    if (bytes !== null)
      await keep(path, bytes).catch((error: unknown) => log.warn({ error: messageOf(error) }, 'a slate is not kept'));
    return bytes;
  };
  return {
    async prepare(looks, onStarting) {
      preparing.abort();
      preparing = new AbortController();
      const until = AbortSignal.any([signal, preparing.signal]);
      await mkdir(folder, { recursive: true }).catch(() => {});
      // What viewers meet first comes first.
      for (const kind of KINDS) {
        for (const look of looks) {
          // Also where all are known: the call that took over knows others.
          if (until.aborted) return false;
          const name = nameOf(look, kind);
          if (prepared.has(name)) continue;
          const bytes = await load(look, kind, until);
          if (until.aborted) return false;
          if (bytes === null) continue;
          prepared.add(name);
          if (kind === 'starting') memory.set(name, bytes);
        }
        if (kind === 'starting') onStarting?.();
      }
      const wanted = new Set(looks.flatMap((look) => KINDS.map((kind) => nameOf(look, kind))));
      for (const name of prepared) if (!wanted.has(name)) prepared.delete(name);
      for (const name of memory.keys()) if (!wanted.has(name)) memory.delete(name);
      await sweep(folder, wanted).catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'slates that nobody uses are kept'),
      );
      return !until.aborted;
    },
    starting: (look) => memory.get(nameOf(look, 'starting')) ?? null,
    load,
    card: (picture, lines) => made(picture, lines, signal),
  };
}

/** Whole or not at all. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}

/** Takes away what no channel uses any more. */
async function sweep(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (OUR_FILE.test(name) && !wanted.has(name)) await rm(join(folder, name), { force: true });
}
