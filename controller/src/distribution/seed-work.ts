// One seed's way: hashed, listed in its groups, seeded, and looked after while it is.
import { dirname } from 'node:path';
import type { TorrentEngine } from '@headgate/agent-node/torrent-engine';
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Listeners } from '../listeners.ts';
import type { Log } from '../log.ts';
import type { Bell } from '../neighbours/bell.ts';
import type { Manifests } from './sealed-manifests.ts';
import { itemOf, magnetOf, type Seed, type SeedContent, type SeedPlace, withItem } from './seed.ts';
import { lookAtSource } from './seed-source.ts';
import type { SeedStore } from './seed-store.ts';

export type SeedingEvent = {
  readonly type: 'seed_done' | 'seed_failed';
  readonly severity: 'info' | 'warning';
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
};

export type SeedingDeps = {
  readonly seeds: SeedStore;
  readonly manifests: Pick<Manifests, 'change'>;
  readonly engine: Pick<TorrentEngine, 'hash' | 'add' | 'remove'>;
  /** Folders below which everything lies. */
  readonly roots: readonly string[];
  readonly newId: () => string;
  readonly tell: (event: SeedingEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** As protocol has it. */
const MAX_ITEMS = 2_000;

export type Running = SeedingDeps & {
  readonly changed: Listeners;
  readonly bell: Bell;
  /** What is hashed now. */
  job: { readonly id: string; bytes: number; readonly ending: AbortController } | null;
  /** Two requests for one path must not make two seeds. */
  asking: Promise<unknown>;
  /** Info hashes that the torrent process was told of. */
  readonly seeded: Set<string>;
};

/** One that was hashed: is it still what it was? Then it is seeded; else it is told, and comes back by itself when it is again. */
export async function lookAgain(state: Running, seed: Seed, signal: AbortSignal): Promise<void> {
  const { content } = seed;
  if (content === null || seed.state === 'pending') return;
  const problem = await differs(seed, content, state.roots);
  if (problem === null) seedIt(state, seed, content, signal);
  else if (state.seeded.delete(content.infoHash)) await state.engine.remove(content.infoHash);
  const next = problem === null ? 'active' : 'failed';
  if (next === seed.state && problem === seed.problem) return;
  await state.seeds.put({ ...seed, state: next, problem });
  if (problem !== null) tellFailed(state, seed, problem);
  state.changed.tell();
}

/** The configuration may have become narrower since. */
async function differs(seed: Seed, content: SeedContent, roots: readonly string[]): Promise<string | null> {
  const now = await lookAtSource(seed.path, roots).catch((error: unknown) => messageOf(error));
  if (typeof now === 'string') return now;
  if (now.path !== seed.path) return `"${seed.path}" leads elsewhere now`;
  const stamps = new Map(now.files.map((file) => [file.path, file]));
  const changed = content.files.find((file) => {
    const stamp = stamps.get(file.path);
    return stamp === undefined || stamp.size !== file.size || stamp.mtimeMs !== file.mtimeMs;
  });
  return changed === undefined ? null : `"${changed.path}" is not what it was when it was hashed; seed it again`;
}

export async function hashAndList(state: Running, seed: Seed, signal: AbortSignal): Promise<void> {
  const { engine, seeds, tell } = state;
  const source = await lookAtSource(seed.path, state.roots);
  const progress = (bytes: number): void => {
    if (state.job !== null) state.job.bytes = bytes;
  };
  signal.throwIfAborted();
  const hashed = await engine.hash(source.path, { announce: [] }, progress, signal);
  const stamps = new Map(source.files.map(({ path, mtimeMs }) => [path, mtimeMs]));
  const files = hashed.files.map((file) => ({ ...file, mtimeMs: stamps.get(file.path) ?? 0 }));
  const content: SeedContent = { infoHash: hashed.infoHash, isFolder: source.isFolder, files, torrent: hashed.torrent };
  const changed = await differs(seed, content, state.roots);
  if (changed !== null) throw new ControllerError('input_invalid', changed);
  // Other places may have been asked for meanwhile. What is listed before a kill is listed once more, which changes nothing.
  const places = seeds.get(seed.id)?.places ?? seed.places;
  await list(state, content, places);
  signal.throwIfAborted();
  const now = seeds.get(seed.id);
  if (now === null) return;
  const active: Seed = { ...now, size: source.size, mtimeMs: source.mtimeMs, state: 'active', problem: null, content };
  await seeds.put(active);
  for (const other of seeds.all())
    if (other.path === seed.path && other.id !== seed.id) await replaceOld(state, other, content.infoHash);
  seedIt(state, active, content, signal);
  const later = now.places.filter((place) => !places.includes(place));
  if (later.length > 0) await list(state, content, later);
  tell({
    type: 'seed_done',
    severity: 'info',
    text: `"${seed.places[0]?.title ?? seed.path}" is shared`,
    details: { id: seed.id, info_hash: content.infoHash, magnet: magnetOf(content.infoHash, seed.places[0]?.title ?? '') },
  });
}

/** What lay there before has no files any more. */
async function replaceOld(state: Running, old: Seed, infoHash: string): Promise<void> {
  await state.seeds.remove(old.id);
  const hash = old.content?.infoHash;
  if (hash === undefined || hash === infoHash || state.seeds.byHash(hash) !== null) return;
  state.seeded.delete(hash);
  await state.engine.remove(hash);
}

export async function list({ manifests }: Running, content: SeedContent, places: readonly SeedPlace[]): Promise<void> {
  for (const place of places)
    await manifests.change(place.group, (before) => {
      const items = withItem(before?.items ?? [], itemOf(content, place));
      if (items !== null && items.length > MAX_ITEMS)
        throw new ControllerError('conflict', `the group "${place.group}" has ${MAX_ITEMS} items already`);
      return items;
    });
}

export async function takeAway({ manifests }: Running, seed: Seed, infoHash: string): Promise<void> {
  for (const group of new Set(seed.places.map((place) => place.group)))
    await manifests.change(group, (before) => {
      const rest = before?.items.filter((item) => item.info_hash !== infoHash);
      return rest === undefined || rest.length === before?.items.length ? null : rest;
    });
}

/** Its files are read over HTTP whether or not a torrent process is there; and that one is told again by itself when it comes back. */
function seedIt({ engine, seeded, log }: Running, seed: Seed, content: SeedContent, signal: AbortSignal): void {
  const { infoHash, torrent } = content;
  if (seeded.has(infoHash)) return;
  seeded.add(infoHash);
  const order = {
    ...{ infoHash, torrent, peers: [], announce: [], readOnly: true, files: content.files.map(({ path }) => path) },
    folder: content.isFolder ? seed.path : dirname(seed.path),
    stamps: content.files.map(({ size, mtimeMs }) => ({ size, mtimeMs })),
  };
  engine.add(order, signal).catch((error: unknown) => {
    if (signal.aborted) return;
    seeded.delete(infoHash);
    log.warn({ info_hash: infoHash, problem: messageOf(error) }, 'not seeded as a torrent');
  });
}

export function tellFailed({ tell }: Running, seed: Seed, problem: string): void {
  const title = seed.places[0]?.title ?? seed.path;
  tell({
    type: 'seed_failed',
    severity: 'warning',
    text: `"${title}" is not shared: ${problem}`,
    details: { id: seed.id, path: seed.path },
  });
}
