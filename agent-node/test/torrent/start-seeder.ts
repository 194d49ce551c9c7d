// The torrent process as the controller has it: files are hashed, and seeded to whoever asks the tracker.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@headgate/agent-router/agent-ground';
import { openTorrentEngine } from '../../src/torrent/open-torrent-engine.ts';

const never = new AbortController().signal;

/** A seeder of one folder or file, as the controller has one. */
export async function startSeeder(folder: string, files: Readonly<Record<string, Buffer>>, announce: string) {
  const engine = openTorrentEngine({ listen: { address: '127.0.0.1', port: 0 }, log: silentLog });
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const hashed = await engine.hash(folder, { announce: [announce] }, () => {}, never);
  await engine.add(
    {
      infoHash: hashed.infoHash,
      torrent: hashed.torrent,
      folder,
      files: hashed.files.map(({ path }) => path),
      peers: [],
      announce: [announce],
      readOnly: true,
    },
    never,
  );
  return { engine, hashed };
}
