// A scripted viewer's way to the server: log-in, calls from its own address, and the socket that it keeps open.
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { peerHeader } from './caller.ts';

export type ViewerIdentity = {
  readonly user: string;
  readonly password: string;
  /** Where the viewer sits, as the server's TCP peer; or, with `proxied`, as a proxy on the server's machine forwards it. */
  readonly address: string;
  readonly proxied: boolean;
  readonly device: string;
  readonly deviceId: string;
  readonly client: string;
};

export type ServerMessage = { readonly MessageType?: string; readonly Data?: unknown };

export type ViewerConnection = {
  /** The JSON of the answer, or null where there is none. Throws where the answer is no 2xx. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Downloads and forgets. */
  download(path: string, range?: string): Promise<void>;
  userId(): string;
  /** As a closed tab: the server ends the session. */
  close(): void;
  /** As a cut cable: nothing more is sent, and nothing is closed. */
  fallSilent(): void;
};

export type ConnectNeed = {
  readonly url: string;
  readonly peerSecret: string;
  readonly identity: ViewerIdentity;
  readonly keepAliveMs: number;
  readonly hear: (message: ServerMessage) => void;
  /** After each reconnect, since a restarted server has forgotten the session. */
  readonly reconnected: () => void;
  /** Closes whatever became of it: one that fell silent, one that stands only afterwards. */
  readonly ends?: AbortSignal;
};

/** What jellyfin-web 12 declares (recordings/jellyfin/web/q1-session-directplay.json). */
const supportedCommands =
  'MoveUp MoveDown MoveLeft MoveRight PageUp PageDown PreviousLetter NextLetter ToggleOsd ToggleContextMenu Select Back SendKey SendString GoHome GoToSettings VolumeUp VolumeDown Mute Unmute ToggleMute SetVolume SetAudioStreamIndex SetSubtitleStreamIndex DisplayContent GoToSearch DisplayMessage SetRepeatMode SetShuffleQueue ChannelUp ChannelDown PlayMediaSource PlayTrailers'.split(
    ' ',
  );

const retryMs = 500;

function authorization(identity: ViewerIdentity, token: string): string {
  const named = `Client="${encodeURIComponent(identity.client)}", Device="${encodeURIComponent(identity.device)}", DeviceId="${encodeURIComponent(identity.deviceId)}", Version="12.0.0"`;
  return `MediaBrowser ${token === '' ? '' : `Token="${token}", `}${named}`;
}

/** Logs in, tells the capabilities, opens the socket, and opens it again whenever it is lost. */
export async function connectViewer(need: ConnectNeed): Promise<ViewerConnection> {
  const { identity } = need;
  const gone = new AbortController();
  let token = '';
  const headers = () => ({
    Authorization: authorization(identity, token),
    'Content-Type': 'application/json',
    [peerHeader]: `${need.peerSecret} ${identity.proxied ? '127.0.0.1' : identity.address}`,
    ...(identity.proxied ? { 'X-Forwarded-For': identity.address } : {}),
  });
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${need.url}${path}`, {
      method,
      headers: headers(),
      signal: gone.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${identity.user}: ${method} ${path.split('?')[0]} answered ${response.status}`);
    return text === '' ? null : JSON.parse(text);
  };
  const loggedIn = (await call('POST', '/Users/AuthenticateByName', { Username: identity.user, Pw: identity.password })) as {
    AccessToken: string;
    User: { Id: string };
  };
  token = loggedIn.AccessToken;
  const tell = () =>
    call('POST', '/Sessions/Capabilities/Full', {
      PlayableMediaTypes: ['Audio', 'Video'],
      SupportedCommands: supportedCommands,
      SupportsMediaControl: true,
    });
  await tell();
  const line = keepSocket({
    ...need,
    address: () => `${need.url.replace('http', 'ws')}/socket?ApiKey=${token}&deviceId=${encodeURIComponent(identity.deviceId)}`,
    headers,
    signal: gone.signal,
    tell,
  });
  const close = () => {
    gone.abort();
    line.end();
  };
  if (need.ends?.aborted === true) close();
  need.ends?.addEventListener('abort', close, { once: true });
  await line.opened;
  return {
    call,
    async download(path, range) {
      const response = await fetch(`${need.url}${path}`, {
        headers: { ...headers(), ...(range === undefined ? {} : { Range: range }) },
        signal: gone.signal,
      });
      for await (const _chunk of response.body ?? []) if (gone.signal.aborted) break;
    },
    userId: () => loggedIn.User.Id,
    close,
    fallSilent() {
      gone.abort();
      line.silence();
    },
  };
}

type LineNeed = ConnectNeed & {
  readonly address: () => string;
  readonly headers: () => Record<string, string>;
  readonly signal: AbortSignal;
  readonly tell: () => Promise<unknown>;
};

function keepSocket(need: LineNeed): { readonly opened: Promise<void>; end(): void; silence(): void } {
  let socket: WebSocket | null = null;
  let keepAlive: NodeJS.Timeout | undefined;
  let silent = false;
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      const opening = new WebSocket(need.address(), { headers: need.headers() });
      socket = opening;
      opening.on('open', () => {
        clearInterval(keepAlive);
        // A socket that is still being opened cannot be paused: left so, it would hold the process for ever.
        if (silent) opening.pause();
        else
          keepAlive = setInterval(
            () => opening.readyState === WebSocket.OPEN && opening.send('{"MessageType":"KeepAlive"}'),
            need.keepAliveMs,
          );
        resolve();
      });
      opening.on('message', (data) => {
        if (!need.signal.aborted) need.hear(JSON.parse(String(data)) as ServerMessage);
      });
      opening.on('error', () => undefined);
      opening.on('close', () => {
        clearInterval(keepAlive);
        resolve();
        // Aborted while it waits: the viewer is gone, nothing to open again.
        if (!need.signal.aborted) again().catch(() => undefined);
      });
    });
  const again = async () => {
    await wait(retryMs, undefined, { signal: need.signal });
    await open();
    if (socket?.readyState !== WebSocket.OPEN) return;
    await need.tell();
    need.reconnected();
  };
  return {
    opened: open(),
    end() {
      clearInterval(keepAlive);
      socket?.terminate();
    },
    silence() {
      clearInterval(keepAlive);
      silent = true;
      // Not even the answers to pings, nor the server's closing handshake.
      socket?.pause();
    },
  };
}
