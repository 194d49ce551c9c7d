// The parts of distribution on a real database, for the tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import type { DistributionTables } from '../../src/distribution/distribution-tables.ts';
import { type Group, openGroupStore } from '../../src/distribution/group-store.ts';
import { openNodeTokens } from '../../src/distribution/node-tokens.ts';
import { createNodes } from '../../src/distribution/nodes.ts';
import { createReaders } from '../../src/distribution/readers.ts';
import { openManifests } from '../../src/distribution/sealed-manifests.ts';
import { createSigner } from '../../src/distribution/sign-manifest.ts';
import { silentLog } from '../../src/log.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';

export const SEED = Buffer.alloc(32, 7);

export type Options = { readonly folder?: string; readonly lanNetworks?: readonly string[] };

/** A test has one `testdir` only, and the HTTP server's log-ins lie there. */
export async function newFolder(t: Pick<Test, 'teardown'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-distribution-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function openParts(t: Pick<Test, 'teardown'>, options: Options = {}) {
  const folder = options.folder ?? (await newFolder(t));
  const clock = createFakeClock(Date.UTC(2026, 10, 27));
  const database = await openDatabase({ path: join(folder, 'db'), clock, log: silentLog, migrations });
  const db = database.tables<DistributionTables>();
  const store = await openGroupStore(db, clock.now);
  const versions: { name: string; group: Group | null }[] = [];
  const signer = createSigner(SEED);
  const manifests = await openManifests(store, signer, (name, group) => versions.push({ name, group }));
  const tokens = await openNodeTokens(db, clock.now);
  const readers = createReaders({ tokens, lanNetworks: options.lanNetworks ?? [], site: 'home', publicHost: 'films.example' });
  const nodes = createNodes(clock.now);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await database[Symbol.asyncDispose]();
    isOpen = false;
  };
  t.teardown(close);
  return { folder, clock, db, store, versions, signer, manifests, tokens, readers, nodes, close };
}

export const item = (title: string, more: Record<string, unknown> = {}) => ({
  title,
  torrent: `https://example.org/${encodeURIComponent(title)}.torrent`,
  path: `${title}.mkv`,
  ...more,
});
