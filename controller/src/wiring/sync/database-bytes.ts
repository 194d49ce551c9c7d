// How large the database is on disk.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config-schema.ts';

const OURS = /^(?:snapshot|journal)-\d+\./;

/** Null with PostgreSQL, and where the folder cannot be read. */
export const databaseBytes =
  ({ database: { path, url } }: Pick<Config, 'database'>) =>
  async (): Promise<number | null> => {
    if (url !== null) return null;
    try {
      const names = (await readdir(path)).filter((name) => OURS.test(name));
      const sizes = await Promise.all(
        names.map((name) =>
          stat(join(path, name)).then(
            ({ size }) => size,
            // A compaction took it away meanwhile.
            () => 0,
          ),
        ),
      );
      return sizes.reduce((sum, size) => sum + size, 0);
    } catch {
      return null;
    }
  };
