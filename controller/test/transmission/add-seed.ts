// A torrent for the real Transmission, complete and on the disk.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneFileTorrent } from '../../../deploy/demo/one-file-torrent.ts';
import type { Browser } from './open-test-client.ts';

type SeedOptions = {
  readonly downloadDir: string;
  readonly name: string;
  /** Default its name. */
  readonly content?: Buffer;
  readonly paused?: boolean;
};

/** Answers its info hash. */
export const addSeed = async (
  browser: Browser,
  { downloadDir, name, content = Buffer.from(name), paused = false }: SeedOptions,
): Promise<string> => {
  const { hash, metainfo } = oneFileTorrent(name, content);
  await writeFile(join(downloadDir, name), content);
  await browser('torrent-add', { metainfo, paused, 'download-dir': downloadDir });
  return hash;
};
