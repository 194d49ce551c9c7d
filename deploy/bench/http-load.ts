// How many requests a server of this very process answers a second, and what each costs it; asked by another process.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type Load = {
  readonly url: string;
  readonly connections: number;
  readonly ms: number;
  readonly headers: Readonly<Record<string, string>>;
};

export type Loaded = { readonly answers: number; readonly bytes: number; readonly status: number; readonly ms: number };

export type Rate = {
  readonly perSecond: number;
  /** Of this process, all threads. */
  readonly cpuMsEach: number;
  readonly status: number;
  readonly bytesEach: number;
};

const CHILD = join(import.meta.dirname, 'http-load.child.ts');

export async function rateOf(load: Load): Promise<Rate> {
  const before = process.cpuUsage();
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, JSON.stringify(load)]);
  const { user, system } = process.cpuUsage(before);
  const { answers, bytes, status, ms } = JSON.parse(stdout) as Loaded;
  return { perSecond: (answers * 1_000) / ms, cpuMsEach: (user + system) / 1_000 / answers, status, bytesEach: bytes / answers };
}
