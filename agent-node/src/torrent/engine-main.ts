// The torrent process: all that imports webtorrent is below this file. It ends with the one that opened it, however that ends.
import { setFlagsFromString } from 'node:v8';
import type { EngineClient } from './engine-client.ts';
import { EngineError } from './engine-error.ts';
import { type FromEngine, type ToEngine, toEngine } from './engine-messages.ts';
import { hashFiles } from './hash-files.ts';
import { giveBackAtRest } from './memory-at-rest.ts';

// Before anything is read: the young generation would grow to 16 MB of garbage before V8 looks at it.
setFlagsFromString('--semi-space-growth-factor=1');

type Hashed = Extract<FromEngine, { type: 'done' }>['hashed'];
type Service = { readonly opened: PromiseWithResolvers<EngineClient>; readonly jobs: Map<number, AbortController> };

const TELL_MS = 500;
/** While something is loaded its owner reads along, and is told so often. */
const LOOK_MS = 100;
const PROGRESS_MS = 250;
/** Trackers that do not answer are not waited for. */
const END_MS = 2_000;
/** Until what was said has gone through the pipe. */
const LAST_WORD_MS = 100;

const tell = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1_000);

/** At once: what was not said by now is not waited for. */
const end = (): boolean => process.kill(process.pid, 'SIGKILL');

async function open({ opened }: Service, settings: Extract<ToEngine, { type: 'settings' }>): Promise<void> {
  try {
    const { openEngineClient } = await import('./engine-client.ts').catch((cause: unknown) => {
      throw new EngineError('not_installed', `webtorrent does not run here: ${messageOf(cause)}`, { cause });
    });
    const client = await openEngineClient(settings, {
      whole(infoHash, stamps) {
        tell({ type: 'whole', infoHash, stamps: [...stamps] });
        // A thousand seeds become whole one after the other.
        if (performance.now() - said >= LOOK_MS) say();
      },
      broken: (message) => tell({ type: 'broken', code: 'unavailable', message: message.slice(0, 1_000) }),
    });
    opened.resolve(client);
    tell({ type: 'up', ...client.listening });
    let said = Number.NEGATIVE_INFINITY;
    const say = (): void => {
      said = performance.now();
      tell({ type: 'states', residentBytes: process.memoryUsage.rss(), states: [...client.states()], rates: client.rates() });
    };
    const memory = giveBackAtRest(() => client.bps() === 0);
    setInterval(() => {
      if (client.bps() > 0) memory.busy();
      if (client.isLoading() || performance.now() - said >= TELL_MS - LOOK_MS / 2) say();
    }, LOOK_MS);
  } catch (error) {
    opened.reject(error);
    const code = error instanceof EngineError ? error.code : 'unavailable';
    tell({ type: 'broken', code, message: messageOf(error) });
    // Another try may do: the address may be there then, or the port free.
    if (code === 'unavailable') setTimeout(end, LAST_WORD_MS);
  }
}

async function answer(id: number, work: () => Promise<Hashed>): Promise<void> {
  try {
    const hashed = await work();
    tell({ type: 'done', id, ...(hashed === undefined ? {} : { hashed }) });
  } catch (error) {
    tell({ type: 'failed', id, code: error instanceof EngineError ? error.code : 'unavailable', message: messageOf(error) });
  }
}

async function hash({ jobs }: Service, { id, order }: Extract<ToEngine, { type: 'hash' }>): Promise<Hashed> {
  const job = new AbortController();
  jobs.set(id, job);
  let said = performance.now();
  const progress = (bytes: number): void => {
    if (performance.now() - said < PROGRESS_MS) return;
    said = performance.now();
    tell({ type: 'progress', id, bytes });
  };
  try {
    const { files, ...hashed } = await hashFiles(order.path, order.options, progress, job.signal);
    return { ...hashed, files: [...files] };
  } finally {
    jobs.delete(id);
  }
}

async function stop({ opened }: Service): Promise<void> {
  setTimeout(end, END_MS);
  await opened.promise.then((client) => client.end()).catch(() => {});
  end();
}

function hear(service: Service, message: ToEngine): void {
  const { opened, jobs } = service;
  switch (message.type) {
    case 'settings':
      return void open(service, message);
    case 'limits':
      return void opened.promise.then((client) => client.limit(message.limits)).catch(() => {});
    case 'add':
      return void answer(message.id, async () => (await opened.promise).add(message.order).then(() => undefined));
    case 'remove':
      return void answer(message.id, async () => (await opened.promise).remove(message.infoHash).then(() => undefined));
    case 'hash':
      return void answer(message.id, () => hash(service, message));
    case 'cancel':
      jobs.get(message.id)?.abort();
      return;
    case 'stop':
      return void stop(service);
  }
}

function serve(): void {
  const service: Service = { opened: Promise.withResolvers(), jobs: new Map() };
  service.opened.promise.catch(() => {});
  process.on('message', (message) => {
    const heard = toEngine.safeParse(message);
    if (heard.success) hear(service, heard.data);
    else tell({ type: 'broken', code: 'input_invalid', message: heard.error.message.slice(0, 1_000) });
  });
}

process.on('uncaughtException', (error) => {
  tell({ type: 'broken', code: 'unavailable', message: messageOf(error) });
  setTimeout(end, LAST_WORD_MS);
});
process.on('disconnect', end);
// A terminal sends these to the whole group; the opener ends this process itself.
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
serve();
if (!process.connected) end();
