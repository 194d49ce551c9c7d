// Whose configurations are understood, and by which mark each is known.
import type { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { lineOf, problemsOf } from '../config-problems.ts';
import type { YamlSource } from '../yaml-source.ts';
import { createWritten, type Imported, type Written } from './imported.ts';
import { importJellydemon } from './jellydemon.ts';
import { jellydemonSchema } from './jellydemon-schema.ts';
import { dbSyncSchema, importDbSync } from './jellyfin-db-sync.ts';
import { importPlexHelper, plexHelperSchema } from './plexhelper.ts';

export const HEADGATE = 'Headgate';

export type Program = {
  readonly usualFile: string;
  /** Keys that no other program has at the top. */
  readonly marks: readonly string[];
  /** @throws ControllerError config_invalid with a line for each value that is wrong */
  turn(source: YamlSource, file: string, withSecrets: boolean): Imported;
};

const turnBy =
  <Schema extends z.ZodType>(
    schema: Schema,
    convert: (old: z.output<Schema>, written: Written) => Imported,
    knowsVariables: boolean,
  ): Program['turn'] =>
  (source, file, withSecrets) => {
    const result = schema.safeParse(source.value);
    if (result.success) return convert(result.data, createWritten({ withSecrets, knowsVariables }));
    throw invalid(...problemsOf(result.error.issues, source, {}).map((one) => lineOf(file, one)));
  };

export const PROGRAMS: Readonly<Record<string, Program>> = {
  'plex-helper': {
    usualFile: 'config.json',
    marks: ['plex_url', 'plex_token', 'qbittorrent_url', 'streaming_upload_kbps', 'idle_upload_kbps'],
    turn: turnBy(plexHelperSchema, importPlexHelper, false),
  },
  jellydemon: {
    usualFile: 'config.yml',
    marks: ['jellyfin', 'daemon', 'router'],
    turn: turnBy(jellydemonSchema, importJellydemon, true),
  },
  'jellyfin-db-sync': {
    usualFile: 'config.yaml',
    marks: ['servers', 'path_sync_policy'],
    turn: turnBy(dbSyncSchema, importDbSync, false),
  },
};
const HEADGATE_MARKS = ['media_servers', 'torrent_clients', 'home_assistant', 'mqtt'];

/** The program whose file it seems to be. */
export function programOf(value: unknown): string | undefined {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const has = (marks: readonly string[]): boolean => marks.some((mark) => keys.includes(mark));
  if (has(HEADGATE_MARKS)) return HEADGATE;
  return Object.entries(PROGRAMS).find(([, { marks }]) => has(marks))?.[0];
}

export const invalid = (...lines: readonly string[]): ControllerError => new ControllerError('config_invalid', lines.join('\n'));
