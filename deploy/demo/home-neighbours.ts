// The media servers and download clients of the simulated home: which there are, what they draw, and how the controller is told of them.
import { type RunningDeluge, startDeluge } from './deluge/start-deluge.ts';
import { type JellyfinSimulator, startJellyfinSimulator } from './jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from './jellyfin/simulator-options.ts';
import { type PlexSimulator, type PlexSimulatorOptions, startPlexSimulator } from './plex/plex-simulator.ts';
import { startQbittorrent } from './qbittorrent/start-qbittorrent.ts';
import {
  type QbittorrentSimulator,
  type SimulatedTorrent,
  startQbittorrentSimulator,
} from './qbittorrent/start-qbittorrent-simulator.ts';
import { type SabnzbdSimulator, startSabnzbdSimulator } from './sabnzbd/start-sabnzbd-simulator.ts';
import { type RunningTransmission, startTransmission } from './transmission/start-transmission.ts';

export type NeighbourOptions = {
  readonly jellyfin?: SimulatorOptions;
  /** Without it there is no Plex. `limitStreams`: the controller may set Plex's limit per remote stream. */
  readonly plex?: PlexSimulatorOptions & { readonly limitStreams?: boolean };
  /** `simulator` 5.2.3, or the real qbittorrent-nox. */
  readonly torrents?: 'simulator' | 'real';
  /** What the torrents would send if nothing limited them; bit/s. */
  readonly torrentWantBps?: number;
  /** Of the simulated qBittorrent; without any its traffic flows as if there were some that nobody stops. */
  readonly torrentList?: readonly SimulatedTorrent[];
  /** Beside qBittorrent: the real transmission-daemon, the real deluged with deluge-web, a simulated SABnzbd. */
  readonly clients?: readonly ('transmission' | 'deluge' | 'sabnzbd')[];
};

export type HomeNeighbours = {
  readonly jellyfin: JellyfinSimulator;
  readonly plex: PlexSimulator | null;
  /** qBittorrent. */
  readonly torrents: Torrents;
  readonly clients: OtherClients;
  /** Their part of controller.yaml. */
  readonly config: { readonly media_servers: readonly object[]; readonly torrent_clients: readonly object[] };
  /** What they put on the line now. */
  traffic(): { readonly upBps: number; readonly downBps: number };
};

export type Torrents = {
  readonly url: string;
  readonly kind: 'simulator' | 'real';
  /** Null with the real one. */
  readonly simulator: QbittorrentSimulator | null;
};

export type OtherClients = {
  readonly transmission: RunningTransmission | null;
  readonly deluge: RunningDeluge | null;
  readonly sabnzbd: SabnzbdSimulator | null;
};

const PASSWORD = 'a-torrent-password';
const BITS = 8;
/** Headers and acknowledgements on top of a torrent's payload. */
const TORRENT_OVERHEAD = 1.05;
/** What the owners have set: bytes/s, kB/s, KiB/s, as each of them counts. */
const QBITTORRENT_LIMIT_KIB = 2_500;
const TRANSMISSION_LIMIT = { 'speed-limit-up': 900, 'speed-limit-up-enabled': false, 'alt-speed-up': 40 };
/** 60 % of a line of 80 Mbit/s. */
const SABNZBD_LIMIT = { bandwidth_max: '10M', bandwidth_perc: 60 };
const SABNZBD_WANT_BPS = 60_000_000;
const DELUGE_LIMIT = { max_upload_speed: 1_200.5, max_download_speed: -1 };

/** They run when it resolves, and end with `undo`. */
export async function openHomeNeighbours(options: NeighbourOptions, undo: AsyncDisposableStack): Promise<HomeNeighbours> {
  const jellyfin = undo.use(await startJellyfinSimulator(options.jellyfin ?? {}));
  const plex = options.plex ? undo.use(await startPlexSimulator(options.plex)) : null;
  const torrents = await openTorrents(options, undo);
  const clients = await openClients(options, undo);
  return {
    ...{ jellyfin, plex, torrents, clients },
    config: {
      media_servers: [
        { name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey },
        ...(plex
          ? [
              {
                name: 'cinema',
                type: 'plex',
                url: plex.url,
                api_key: plex.token,
                limit_streams: options.plex?.limitStreams ?? false,
              },
            ]
          : []),
      ],
      torrent_clients: [
        { name: 'qbit', type: 'qbittorrent', url: torrents.url, username: 'admin', password: PASSWORD },
        ...configOf(clients),
      ],
    },
    traffic() {
      const { upload = 0, download = 0 } = torrents.simulator?.rates() ?? {};
      const viewersBps = jellyfin.traffic().upBps + (plex?.traffic().upBps ?? 0);
      return {
        upBps: viewersBps + upload * BITS * TORRENT_OVERHEAD,
        downBps: download * BITS * TORRENT_OVERHEAD + (clients.sabnzbd?.bytesPerSecond() ?? 0) * BITS,
      };
    },
  };
}

async function openTorrents(
  { torrents = 'simulator', torrentWantBps = 80_000_000, torrentList = [] }: NeighbourOptions,
  undo: AsyncDisposableStack,
): Promise<Torrents> {
  if (torrents === 'real') {
    const real = undo.use(await startQbittorrent({ password: PASSWORD, uploadLimitKiB: QBITTORRENT_LIMIT_KIB }));
    return { url: real.url, kind: 'real', simulator: null };
  }
  const simulator = undo.use(
    await startQbittorrentSimulator({
      version: '5.2.3',
      password: PASSWORD,
      settings: { up_limit: QBITTORRENT_LIMIT_KIB * 1024 },
      torrents: torrentList,
    }),
  );
  simulator.traffic.want({ upload: torrentWantBps / BITS });
  return { url: simulator.url, kind: 'simulator', simulator };
}

async function openClients({ clients = [] }: NeighbourOptions, undo: AsyncDisposableStack): Promise<OtherClients> {
  const [transmission, deluge, sabnzbd] = await Promise.all([
    clients.includes('transmission') ? startTransmission({ settings: TRANSMISSION_LIMIT }) : null,
    clients.includes('deluge') ? startDeluge({ password: PASSWORD, settings: DELUGE_LIMIT, connected: true }) : null,
    clients.includes('sabnzbd') ? startSabnzbdSimulator({ settings: SABNZBD_LIMIT }) : null,
  ]);
  sabnzbd?.user.want(SABNZBD_WANT_BPS / BITS);
  for (const client of [transmission, deluge, sabnzbd]) if (client) undo.use(client);
  return { transmission, deluge, sabnzbd };
}

function configOf({ transmission, deluge, sabnzbd }: OtherClients): readonly object[] {
  return [
    ...(transmission ? [{ name: 'transmission', type: 'transmission', url: transmission.url }] : []),
    ...(deluge ? [{ name: 'deluge', type: 'deluge', url: deluge.url, password: PASSWORD }] : []),
    ...(sabnzbd ? [{ name: 'usenet', type: 'sabnzbd', url: sabnzbd.url, api_key: sabnzbd.apiKey }] : []),
  ];
}
