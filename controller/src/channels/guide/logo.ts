// A channel's logo: a file of this machine that we serve, or an address elsewhere that consumers read themselves.
import { constants, type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Channel } from '../channel.ts';
import { type Picture, pictureType } from './picture-type.ts';

const MAX_BYTES = 2_000_000;
/** A pipe without a writer must not hold us up. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

export type Logos = {
  /**
   * For playlist and guide; null for none. A local one is under `root`, with the channel's last change in its name: Jellyfin 12 reads a logo
   * again when its address is new.
   */
  address(channel: Channel, root: string): string | null;
  /** Null where the channel has no file, or the file is none, too large, or no picture: a path in the API must not open every file. */
  read(channel: Pick<Channel, 'logo'>): Promise<Picture | null>;
};

/** @param folder where logos lie that are named without a path; null for none. */
export function createLogos(folder: string | null): Logos {
  const pathOf = (logo: string): string | null => {
    if (logo.startsWith('/')) return logo;
    return folder !== null && /^[^/\\:\0]+$/.test(logo) && !/^\.+$/.test(logo) ? join(folder, logo) : null;
  };
  return {
    address({ id, logo, updatedAt }, root) {
      if (logo === null) return null;
      if (pathOf(logo) !== null) return `${root}/logo/${id}-${updatedAt.toString(36)}`;
      const url = URL.canParse(logo) ? new URL(logo) : null;
      return url !== null && /^https?:$/.test(url.protocol) ? url.href : null;
    },
    async read({ logo }) {
      const path = logo === null ? null : pathOf(logo);
      const file = path === null ? null : await open(path, READ).catch(() => null);
      if (file === null) return null;
      try {
        const bytes = await readBounded(file);
        const contentType = bytes === null ? null : pictureType(bytes);
        return bytes === null || contentType === null ? null : { bytes, contentType };
      } catch {
        return null;
      } finally {
        await file.close();
      }
    },
  };
}

async function readBounded(file: FileHandle): Promise<Uint8Array | null> {
  const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : { size: 0 }));
  if (size === 0 || size > MAX_BYTES) return null;
  const bytes = new Uint8Array(size);
  const { bytesRead } = await file.read(bytes, 0, size, 0);
  return bytes.subarray(0, bytesRead);
}
