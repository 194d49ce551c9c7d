// The router that the agent runs on: counters from sysfs, the rest from ubus, uci and tc.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { AgentError } from '../errors.ts';
import { parseUptime } from './answers.ts';
import { createCommandRouter, type RunCommand } from './command-router.ts';
import { findRateTool } from './rate-tool.ts';
import type { DeviceCounters, Router } from './router.ts';

type LocalOptions = {
  /** Where the router's file system begins; empty on a router, a folder for a simulated one. */
  readonly root?: string;
  /** Where its programs are. */
  readonly path?: string;
};

const ROUTER_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const COMMAND_MS = 9_500;
const MOST_BYTES = 256 * 1024;

export function createLocalRouter({ root = '', path = ROUTER_PATH }: LocalOptions = {}): Router {
  const read = (file: string): Promise<string> => readFile(`${root}${file}`, 'utf8');
  return createCommandRouter({
    way: 'local',
    run: spawned(root, path),
    rateTool: () =>
      findRateTool({
        list: (folder) => readdir(`${root}${folder}`).catch(() => []),
        read: (file) => read(file).catch(() => null),
      }),
    async counters(names) {
      const uptimeS = parseUptime(await read('/proc/uptime'));
      const devices: Record<string, DeviceCounters | null> = {};
      for (const name of names) devices[name] = await deviceCounters(`/sys/class/net/${name}`, read);
      return { uptimeS, clockS: uptimeS, devices };
    },
    [Symbol.asyncDispose]: async () => {},
  });
}

async function deviceCounters(folder: string, read: (file: string) => Promise<string>): Promise<DeviceCounters | null> {
  try {
    const txBytes = Number(await read(`${folder}/statistics/tx_bytes`));
    const rxBytes = Number(await read(`${folder}/statistics/rx_bytes`));
    const ifindex = Number(await read(`${folder}/ifindex`));
    // The kernel answers EINVAL for the carrier of a device that is down.
    const carrier = await read(`${folder}/carrier`).then(
      (text) => text.trim() === '1',
      () => null,
    );
    return { txBytes, rxBytes, ifindex, carrier };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new AgentError('bad_answer', `cannot read ${folder}`, { cause: error });
  }
}

const spawned =
  (root: string, path: string): RunCommand =>
  ([program, ...words]) =>
    new Promise((resolve, reject) => {
      const under = (word: string): string => (word.startsWith('/') ? `${root}${word}` : word);
      const options = {
        env: { PATH: path },
        timeout: COMMAND_MS,
        maxBuffer: MOST_BYTES,
        killSignal: 'SIGKILL',
        encoding: 'utf8',
      } as const;
      execFile(under(program), words.map(under), options, (error, stdout) => {
        if (error === null) return resolve({ code: 0, stdout });
        if (error.code === 'ENOENT') return resolve({ code: 127, stdout: '' });
        if (typeof error.code === 'number') return resolve({ code: error.code, stdout });
        reject(new AgentError(error.killed ? 'timeout' : 'bad_answer', `${program} did not end well`, { cause: error }));
      });
    });
