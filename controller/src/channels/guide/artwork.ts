// Pictures of programmes, read from the media server with our key and kept in memory within a bound: Jellyfin asks for two days of them, ten at a time.
import type { CatalogueItem } from '../catalogue-item.ts';
import { type Picture, pictureType } from './picture-type.ts';

export type ImageOf = NonNullable<CatalogueItem['image']> & { readonly server: string };

/** The picture's bytes, at most `maxBytes`; null where the server has none. @throws ControllerError upstream_* */
export type ReadImage = (image: ImageOf, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array | null>;

export type Artwork = {
  /** Null where there is none, or what came is no picture. @throws ControllerError upstream_* */
  read(image: ImageOf): Promise<Picture | null>;
};

const MAX_PICTURE = 4_000_000;
const MAX_KEPT = 32_000_000;
const TIMEOUT_MS = 20_000;

export function createArtwork(readImage: ReadImage, maxKept = MAX_KEPT): Artwork {
  // In the order of use, so that the first one is the one to drop.
  const kept = new Map<string, Picture>();
  const running = new Map<string, Promise<Picture | null>>();
  let total = 0;

  async function fetchPicture(key: string, image: ImageOf): Promise<Picture | null> {
    // Not the asker's signal: others may wait for the same picture.
    const bytes = await readImage(image, MAX_PICTURE, AbortSignal.timeout(TIMEOUT_MS));
    const contentType = bytes === null || bytes.length > MAX_PICTURE ? null : pictureType(bytes);
    if (bytes === null || contentType === null) return null;
    const picture = { bytes, contentType };
    kept.set(key, picture);
    total += bytes.length;
    for (const [oldest, { bytes: gone }] of kept) {
      if (total <= maxKept) break;
      kept.delete(oldest);
      total -= gone.length;
    }
    return picture;
  }
  return {
    async read(image) {
      const key = JSON.stringify([image.server, image.itemId, image.tag]);
      const known = kept.get(key);
      if (known !== undefined) {
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      const work = running.get(key) ?? fetchPicture(key, image).finally(() => running.delete(key));
      running.set(key, work);
      return await work;
    },
  };
}
