// One group's manifest as it stands: fetched when asked, tried again with growing waits, kept over restarts.
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import { isCode, messageOf } from '../errors.ts';
import { type AskHttp, hostOf } from '../http.ts';
import { fetchManifest } from './fetch-manifest.ts';
import type { ManifestSource } from './manifest-source.ts';
import { type ReadManifest, readManifest } from './read-manifest.ts';
import { checkTrust, type Trusted, unknownGroup } from './trust.ts';

/** @property etag of `text`. @property trusted what is remembered of its signer. */
export type StoredManifest = { readonly text: string; readonly etag: string | null; readonly trusted: Trusted };
/** On disk; by source, since only the manifest may name the group. */
export type ManifestStore = {
  read(key: string): Promise<StoredManifest | null>;
  write(key: string, stored: StoredManifest): Promise<void>;
};

export type GroupFollower = {
  readonly source: ManifestSource;
  /** The last one that could be trusted; null before the first. */
  readonly manifest: () => ReadManifest | null;
  /** Null while all is well. */
  readonly problem: () => string | null;
  readonly staleSinceMs: () => number | null;
  /** Called when another manifest or another problem stands. */
  readonly onChange: (listener: () => void) => void;
  /** Asks, at most `attempts` times. True where something new came. Never throws but for the signal. */
  readonly refresh: (signal: AbortSignal, attempts?: number) => Promise<boolean>;
};

export type FollowerDeps = {
  readonly source: ManifestSource;
  readonly http: AskHttp;
  readonly store: ManifestStore;
  readonly publicKey: string | null;
  readonly attempts: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

/** As the seed has it: 60 s, then twice as long each time; and up to a quarter more, so that nodes that failed together do not come again in step. */
const FIRST_WAIT_MS = 60_000;
const MOST_WAIT_MS = 3_600_000;
const JITTER = 0.25;

/** Begins with what lay on disk. */
export async function openGroupFollower(deps: FollowerDeps): Promise<GroupFollower> {
  const { source, store, publicKey, clock, random, log } = deps;
  const key = source.group ?? source.url;
  // A query may hold what no log should.
  const label = source.group ?? hostOf(source.url);
  let stored = await store.read(key);
  let manifest = stored === null ? null : readStored(stored, deps);
  // What is not to be trusted any more (another key was configured) is asked for anew, whole.
  if (manifest === null && stored !== null) stored = { ...stored, etag: null };
  let problem: string | null = null;
  let staleSinceMs: number | null = null;
  const listeners: (() => void)[] = [];
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const take = async (text: string, etag: string | null): Promise<void> => {
    const read = readManifest(text, source.group);
    const before = stored?.trusted ?? unknownGroup;
    const trusted = checkTrust(read, before, publicKey);
    if (publicKey === null && before.key === null && trusted.key !== null)
      log.warn({ group: read.group, key: trusted.key }, 'the first key seen of this group is trusted from now on');
    if (trusted.key === null)
      log.warn({ group: read.group }, 'the manifest is not signed: whoever reaches it in its way decides what comes');
    for (const reason of read.refused) log.warn({ group: read.group, problem: reason }, 'an item of the manifest is not taken');
    stored = { text, etag, trusted };
    await store.write(key, stored);
    manifest = read;
    log.info({ group: read.group, version: read.version, items: read.items.length }, 'a new manifest');
  };

  const once = async (signal: AbortSignal): Promise<boolean> => {
    const fetched = await fetchManifest(source, manifest === null ? null : (stored?.etag ?? null), deps.http, signal);
    if (fetched !== null && (manifest === null || fetched.text !== stored?.text)) await take(fetched.text, fetched.etag);
    return fetched !== null;
  };

  const failed = (error: unknown): void => {
    const text = messageOf(error);
    if (text !== problem) log.warn({ group: label, problem: text }, 'no manifest; trying again');
    const isNew = text !== problem;
    problem = text;
    staleSinceMs ??= clock.now();
    if (isNew) changed();
  };

  return {
    source,
    manifest: () => manifest,
    problem: () => problem,
    staleSinceMs: () => staleSinceMs,
    onChange: (listener) => void listeners.push(listener),
    async refresh(signal, attempts = deps.attempts) {
      for (let tries = 1; ; tries += 1) {
        try {
          const isNew = await once(signal);
          const wasBad = problem !== null;
          if (wasBad) log.info({ group: label }, 'the manifest can be had again');
          problem = null;
          staleSinceMs = null;
          if (isNew || wasBad) changed();
          return isNew;
        } catch (error) {
          signal.throwIfAborted();
          failed(error);
          // Only a person mends these; the next poll is soon enough.
          const isFinal = isCode(error, 'refused') || isCode(error, 'not_trusted') || isCode(error, 'not_allowed');
          if (isFinal || tries >= attempts) return false;
          await clock.sleep(Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (1 + JITTER * random()), signal);
        }
      }
    },
  };
}

function readStored({ text, trusted }: StoredManifest, { source, publicKey, log }: FollowerDeps): ReadManifest | null {
  try {
    const read = readManifest(text, source.group);
    checkTrust(read, trusted, publicKey);
    return read;
  } catch (error) {
    log.warn({ group: source.group, problem: messageOf(error) }, 'the manifest on disk is not used');
    return null;
  }
}
