// The stream process with its host and an HTTP door, for benches that say themselves what plays and from where.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../controller/src/clock.ts';
import { type Log, silentLog } from '../../controller/src/log.ts';
import type { ChannelLook, LiveSettings } from '../../controller/src/on-air/live-messages.ts';
import type { PlanStep } from '../../controller/src/on-air/plan-step.ts';
import { type LiveHost, openLiveHost } from '../../controller/src/wiring/live-host.ts';
import { type KeyFrame, keyFrames } from './key-frames.ts';

export type StreamHouse = AsyncDisposable & {
  readonly host: LiveHost;
  readonly settings: LiveSettings;
  /** Where a channel is watched. */
  urlOf(channel: string): string;
  /** What whoever tunes in from now on gets. */
  play(channel: string, steps: readonly PlanStep[]): void;
  /** Of a recording: the first key frame that is none of a slate's. Null where there is none. */
  programmeKey(body: Buffer): KeyFrame | null;
};

const SLATES_MS = 30_000;

const warning: Log['warn'] = (fields, text) => void process.stderr.write(`stream process: ${text} ${JSON.stringify(fields)}\n`);
const log: Log = { ...silentLog, warn: warning, error: warning, child: () => log };

/** Its slates are made when it resolves. */
export async function openStreamHouse(folder: string, looks: readonly ChannelLook[]): Promise<StreamHouse> {
  await using undo = new AsyncDisposableStack();
  const settings: LiveSettings = {
    ...{ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, slateFolder: join(folder, 'slates') },
    ...{ font: null, idleStopMs: 1_000, maxSessions: 10, maxViewers: 400 },
  };
  const host = undo.use(
    openLiveHost({ settings, log, clock: systemClock, wantsPlan: () => {}, viewerEnded: () => {}, itemFailed: () => {} }),
  );
  host.setLooks(looks);
  if (!(await host.ready)) throw new Error('the stream process ended at once');
  const plans = new Map<string, readonly PlanStep[]>();
  let number = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => {
      const channel = /^GET \/(\S+) /.exec(request.toString('latin1'))?.[1] ?? '';
      number += 1;
      const facts = {
        id: `v${number}`,
        channel,
        consumer: 'bench',
        address: '127.0.0.1',
        userAgent: null,
        method: 'GET',
      } as const;
      host.tune(facts, plans.get(channel) ?? [], false, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  undo.defer(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  const slates = await slateKeys(settings.slateFolder, looks.length);
  const kept = undo.move();
  return {
    ...{ host, settings },
    urlOf: (channel) => `http://127.0.0.1:${port}/${channel}`,
    play: (channel, steps) => void plans.set(channel, steps),
    programmeKey: (body) => keyFrames(body).find(({ picture }) => !slates.has(hashOf(picture))) ?? null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const hashOf = (picture: Buffer): string => createHash('sha256').update(picture).digest('hex');

/** Of each look there are three; the first is there at once, the others follow. */
async function slateKeys(folder: string, looks: number): Promise<ReadonlySet<string>> {
  const made = async () => (await readdir(folder)).filter((file) => file.endsWith('.ts'));
  let files = await made();
  for (const end = performance.now() + SLATES_MS; files.length < 3 * looks; files = await made()) {
    if (performance.now() > end) throw new Error('the slates were not made');
    await wait(100);
  }
  const bodies = await Promise.all(files.map((file) => readFile(join(folder, file))));
  return new Set(bodies.flatMap((body) => keyFrames(body).map(({ picture }) => hashOf(picture))));
}
