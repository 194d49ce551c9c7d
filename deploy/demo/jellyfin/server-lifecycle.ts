// The listening side of the server, and what is seen of a restart: refusals, the start-up server, refusals, 503 pages (recordings/jellyfin/restart.json).
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type LifecycleNeed = {
  readonly host: string;
  readonly port: number;
  readonly main: RequestListener;
  /** Sockets hang on each new main server. */
  readonly attach: (server: Server) => void;
  readonly hasStartupServer: boolean;
  /** As /System/Info/Public of the main server; the start-up server writes it in camelCase. */
  readonly information: () => Record<string, unknown>;
  /** Called when the old server went down: everything in memory is forgotten. */
  readonly wentDown: () => void;
};

export type Lifecycle = {
  port(): number;
  /** False from the start of a restart or a power cut until the main server is back. */
  serving(): boolean;
  /** Resolves when the server is healthy again. `totalMs` is what all stages together take. */
  restart(totalMs: number): Promise<void>;
  /** Power off: connections are refused until `powerOn`. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  close(): Promise<void>;
};

/** Shares of the recorded 3.7 s between the restart's answer and Healthy. */
const stages = { refused: 0.04, startup: 0.15, refusedAgain: 0.09, loading: 0.72 } as const;

const camelCase = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

function startupListener(information: () => Record<string, unknown>): RequestListener {
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://jellyfin').pathname.toLowerCase();
    if (path === '/health') response.writeHead(200, { 'Content-Type': 'text/plain' }).end('Degraded');
    else if (path === '/system/info/public') {
      const reduced = { ...information(), StartupWizardCompleted: false };
      const body = JSON.stringify(Object.fromEntries(Object.entries(reduced).map(([name, value]) => [camelCase(name), value])));
      response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(body);
    } else loadingPage(request, response);
  };
}

const loadingPage: RequestListener = (_request, response) => {
  response.writeHead(503, { 'Content-Type': 'text/html' }).end('Jellyfin Server is loading. Please try again shortly.');
};

async function listen(listener: RequestListener, port: number, host: string): Promise<Server> {
  // Kestrel's 130 s: Node's own 5 s would cut a client that had reason to think its connection alive.
  const server = createServer({ keepAliveTimeout: 130_000 }, listener);
  // Port 0 was given once; a restart must come back at the same port, so a listener that is not gone yet is waited for.
  for (let attempt = 0; ; attempt++) {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once('error', resolve);
      server.listen({ port, host, exclusive: true }, () => resolve(null));
    });
    server.removeAllListeners('error');
    if (!error) return server;
    if (error.code !== 'EADDRINUSE' || attempt === 20) throw error;
    await wait(25);
  }
}

async function closeServer(server: Server | null): Promise<void> {
  if (!server) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Listens when it resolves. */
export async function openLifecycle(need: LifecycleNeed): Promise<Lifecycle> {
  const serveMain = async (port: number) => {
    const server = await listen(need.main, port, need.host);
    need.attach(server);
    return server;
  };
  let server: Server | null = await serveMain(need.port);
  let serving = true;
  const port = (server.address() as AddressInfo).port;
  const ended = new AbortController();
  const replace = async (open: (() => Promise<Server>) | null) => {
    const old = server;
    server = null;
    await closeServer(old);
    if (open && !ended.signal.aborted) server = await open();
  };
  const powerOff = async () => {
    serving = false;
    need.wentDown();
    await replace(null);
  };
  const powerOn = async () => {
    if (serving) return;
    await replace(() => serveMain(port));
    serving = !ended.signal.aborted;
  };
  const goThroughStages = async (totalMs: number) => {
    const stage = async (share: number, listener: RequestListener | null) => {
      await replace(listener && (() => listen(listener, port, need.host)));
      await wait(totalMs * share, undefined, { signal: ended.signal });
    };
    await stage(stages.refused, null);
    if (need.hasStartupServer) await stage(stages.startup, startupListener(need.information));
    await stage(stages.refusedAgain, null);
    await stage(stages.loading, loadingPage);
  };
  return {
    port: () => port,
    serving: () => serving,
    powerOff,
    powerOn,
    async restart(totalMs) {
      if (!serving) return;
      await powerOff();
      await goThroughStages(totalMs).catch((error: unknown) => {
        if (!ended.signal.aborted) throw error;
      });
      await powerOn();
    },
    async close() {
      ended.abort();
      await replace(null);
    },
  };
}
