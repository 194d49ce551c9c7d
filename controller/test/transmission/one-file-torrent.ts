// A torrent of one small file, bencoded by hand, as torrent-add takes it.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from './open-test-client.ts';

const PIECE = 16_384;

export type OneFileTorrent = { readonly hash: string; readonly metainfo: string };

/** Without a tracker. */
export const oneFileTorrent = (name: string, content: Buffer): OneFileTorrent => {
  const pieces: Buffer[] = [];
  for (let from = 0; from < content.length; from += PIECE)
    pieces.push(
      createHash('sha1')
        .update(content.subarray(from, from + PIECE))
        .digest(),
    );
  const info = Buffer.concat([
    Buffer.from(`d6:lengthi${content.length}e4:name${Buffer.byteLength(name)}:${name}12:piece lengthi${PIECE}e`),
    Buffer.from(`6:pieces${pieces.length * 20}:`),
    ...pieces,
    Buffer.from('e'),
  ]);
  return {
    hash: createHash('sha1').update(info).digest('hex'),
    metainfo: Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]).toString('base64'),
  };
};

/** Complete and on the disk. Answers its info hash. */
export const addSeed = async (
  browser: Browser,
  { downloadDir, name, content = Buffer.from(name), paused = false }: SeedOptions,
): Promise<string> => {
  const { hash, metainfo } = oneFileTorrent(name, content);
  await writeFile(join(downloadDir, name), content);
  await browser('torrent-add', { metainfo, paused, 'download-dir': downloadDir });
  return hash;
};

type SeedOptions = {
  readonly downloadDir: string;
  readonly name: string;
  /** Default its name. */
  readonly content?: Buffer;
  readonly paused?: boolean;
};
