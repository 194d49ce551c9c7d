// The stream process: joins live/ and ffmpeg/ to the controller's IPC. It has no database, and ends with the controller, however that ends.
import '../small-heap.ts';
import { spawnSync } from 'node:child_process';
import { Socket } from 'node:net';
import { systemClock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { openFfmpeg } from '../ffmpeg/open-ffmpeg.ts';
import { openConnector } from '../http-client/tls-trust.ts';
import { createLive, type LiveTools } from '../live/live-service.ts';
import { openSourceProxy } from '../live/source-proxy.ts';
import type { Log, LogFields, LogLevel } from '../log.ts';
import type { FromLive, LiveSettings, ToLive } from '../on-air/live-messages.ts';

const tell = (message: FromLive): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

const openLog = (fields: LogFields): Log => {
  const line = (level: LogLevel) => (more: LogFields, text: string) =>
    tell({ type: 'log', level, fields: { ...fields, ...more }, text });
  return {
    ...{ debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    child: (more) => openLog({ ...fields, ...more }),
  };
};

const log = openLog({});

function openTools(settings: LiveSettings): LiveTools {
  const { startProgramme: start, makeSlate, probeMedia: probe } = openFfmpeg(settings, log);
  // Slates of another ffmpeg may have other parameter sets. Asked once, at opening.
  const version = spawnSync(settings.ffmpeg, ['-version'], { encoding: 'utf8', timeout: 5_000 });
  const { acceleration, font } = settings;
  return { start, makeSlate, probe, maker: JSON.stringify([version.stdout?.split('\n')[0] ?? '', acceleration, font]) };
}

/** At once: whatever runs dies with this process, and its sockets too. */
const end = (): boolean => process.kill(process.pid, 'SIGKILL');

process.on('uncaughtException', (error) => {
  // The answer of the pipe is not waited for long: viewers come back, to the process after this one.
  log.error({ error: messageOf(error), stack: error.stack }, 'the stream process has a fault and begins anew');
  setTimeout(end, 100);
});
// A terminal sends these to the whole group; the controller ends this process itself.
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {});

const proxy = await openSourceProxy(log, (tls, ms) => openConnector('the media server', tls, ms));
const live = createLive({ proxy, openTools, tell, clock: systemClock, log });
process.on('disconnect', () => {
  live[Symbol.dispose]();
  end();
});
// What is heard here comes from the controller alone, which has the same types.
process.on('message', (message, socket) => live.hear(message as ToLive, socket instanceof Socket ? socket : null));
if (!process.connected) end();
tell({ type: 'log', level: 'debug', fields: { pid: process.pid }, text: 'the stream process is up' });
