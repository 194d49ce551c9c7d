// How many hooks a second are taken, durably, and how long each sender waits; sent by another process.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SECRET, type SyncServers } from './sync-servers.ts';

export type HookLoad = {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  /** A recorded hook. */
  readonly file: string;
  readonly userId: string;
  readonly itemIds: readonly string[];
  readonly hooks: number;
};

export type HooksSent = { readonly ms: number; readonly taken: number; readonly refused: number; readonly p99Ms: number };

const CHILD = join(import.meta.dirname, 'hook-load.child.ts');
/** Of a real server's plugin. */
const RECORDED = join(import.meta.dirname, '../../controller/test/sync/intake/payloads/userdata-favourite-on.json');

/** As the first server's plugin would. */
export async function sendHooks(
  { httpUrl, source: { name, userId, itemIds } }: Pick<SyncServers, 'httpUrl' | 'source'>,
  { hooks, films }: Pick<HookLoad, 'hooks'> & { readonly films: number },
): Promise<HooksSent> {
  const load: HookLoad = {
    ...{ url: `${httpUrl}/webhook/${name}`, secret: SECRET, connections: 16, file: RECORDED },
    ...{ userId, itemIds: itemIds.slice(0, films), hooks },
  };
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, JSON.stringify(load)], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as HooksSent;
}
