// The picture that all files of a copying channel share: found once, then kept, since players and Jellyfin's probe cache expect it.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Picture } from '../on-air/picture.ts';

export type PictureTables = { channel_pictures: { channel_id: number; picture: string } };

export type PictureStore = {
  /** From memory; null where none was found yet. */
  get(channelId: number): Picture | null;
  /** The first one stays. Durable when it resolves. */
  keep(channelId: number, picture: Picture): Promise<void>;
  /** The row went with its channel. */
  forget(channelId: number): void;
};

const fraction = z.object({ num: z.int().positive(), den: z.int().positive() });
const stored = z.object({
  width: z.int(),
  height: z.int(),
  rate: fraction,
  gop: z.int(),
  h264Profile: z.enum(['baseline', 'main', 'high']),
  h264Level: z.string(),
  videoBps: z.number(),
  audio: z.object({ sampleRate: z.union([z.literal(44_100), z.literal(48_000)]), channels: z.int(), bps: z.number() }),
});

/** Reads what an earlier run left. @throws ControllerError storage_failed */
export async function openPictureStore(db: Kysely<PictureTables>): Promise<PictureStore> {
  const pictures = new Map<number, Picture>();
  for (const { channel_id, picture } of await db.selectFrom('channel_pictures').selectAll().execute())
    pictures.set(channel_id, stored.parse(JSON.parse(picture)));
  return {
    get: (channelId) => pictures.get(channelId) ?? null,
    async keep(channelId, picture) {
      if (pictures.has(channelId)) return;
      pictures.set(channelId, picture);
      const row = { channel_id: channelId, picture: JSON.stringify(picture) };
      await db
        .insertInto('channel_pictures')
        .values(row)
        .onConflict((conflict) => conflict.column('channel_id').doNothing())
        .execute();
    },
    forget: (channelId) => void pictures.delete(channelId),
  };
}
