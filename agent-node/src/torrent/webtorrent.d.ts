// What we use of webtorrent 3.0.21, which has no types of its own.
declare module 'webtorrent' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';

  type Store = {
    readonly chunkLength: number;
    get(
      index: number,
      options: { offset?: number; length?: number } | null,
      done: (error: Error | null, bytes?: Uint8Array) => void,
    ): void;
    put(index: number, bytes: Uint8Array, done: (error: Error | null) => void): void;
    close(done: (error: Error | null) => void): void;
    destroy(done: (error: Error | null) => void): void;
  };

  /** As parse-torrent makes it; given instead of a .torrent file, nothing is parsed. */
  type Parsed = {
    readonly infoHash: string;
    readonly infoHashBuffer: Uint8Array;
    readonly info: object;
    readonly name: string;
    readonly private: true;
    readonly announce: string[];
    readonly urlList: string[];
    readonly files: { readonly path: string; readonly name: string; readonly length: number; readonly offset: number }[];
    readonly length: number;
    readonly pieceLength: number;
    readonly lastPieceLength: number;
    readonly pieces: readonly string[];
  };

  /** One peer's connection, past its handshake (bittorrent-protocol 5). */
  export type Wire = EventEmitter & {
    readonly type: string;
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    readonly destroyed: boolean;
    /** Bytes of pieces a second, over the last five. */
    downloadSpeed(): number;
    /** Sent after `wire` is told of; BEP 10 and its `reqq`. */
    readonly extendedHandshake: { reqq?: number };
    peerExtendedHandshake: { reqq?: unknown };
    readonly peerRequests: { readonly length: number };
    /** streamx: bytes that were pushed and not yet taken. */
    readonly _readableState: { readonly buffered: number };
    destroy(): void;
  };

  export type Torrent = EventEmitter & {
    readonly infoHash: string;
    readonly pieces: { readonly length: number };
    readonly pieceLength: number;
    readonly length: number;
    /** Undefined before the metadata is taken up. */
    readonly bitfield?: { get(index: number): boolean };
    /** Piece bytes that passed, and those of pieces in the making. */
    readonly downloaded: number;
    /** Bytes a second. */
    readonly downloadSpeed: number;
    readonly uploadSpeed: number;
    readonly numPeers: number;
    readonly done: boolean;
    readonly ready: boolean;
    readonly destroyed: boolean;
    readonly discovery?: { readonly tracker?: { update(): void } };
    addPeer(address: string, source?: string): boolean;
    /** Private: asks a peer for a block of a piece that nobody was asked for. Answers whether there was one. */
    _request(wire: Wire, index: number, hotswap: boolean): boolean;
    /** For comparison only. */
    addWebSeed(url: string): void;
    destroy(done?: () => void): void;
  };

  export type Throttle = EventEmitter & { setEnabled(on: boolean): void };
  export type ThrottleGroup = { throttle(): Throttle };

  type ClientOptions = {
    /** Handed to net.Server.listen as it is, hence also an object with a host. */
    readonly torrentPort: { readonly port: number; readonly host: string };
    readonly utp: false;
    readonly dht: false;
    readonly lsd: false;
    readonly utPex: false;
    readonly natUpnp: false;
    readonly natPmp: false;
    readonly webSeeds: boolean;
    readonly secure: 1;
    readonly maxConns: number;
    readonly userAgent: string;
    readonly tracker: { readonly wrtc: false };
  };

  type TorrentOptions = {
    readonly preloadedStore: Store;
    readonly storeCacheSlots: number;
    readonly skipVerify: boolean;
    readonly deselect: boolean;
  };

  class WebTorrent extends EventEmitter {
    constructor(options: ClientOptions);
    readonly torrentPort: number;
    /** Of speed-limiter: each new connection gets one of its throttles. */
    readonly throttleGroups: { readonly down: ThrottleGroup };
    /** Bytes a second. */
    readonly downloadSpeed: number;
    readonly uploadSpeed: number;
    /** Private. */
    readonly _connPool: { readonly tcpServer: Server };
    address(): { readonly address: string; readonly port: number } | null;
    add(torrent: Parsed, options: TorrentOptions): Torrent;
    /** A .torrent file, and where its own names lie: for comparison only. */
    add(torrent: Uint8Array, options: { readonly path: string }): Torrent;
    /** Bytes a second; -1: no limit. */
    throttleDownload(rate: number): void;
    destroy(done?: () => void): void;
  }
  // biome-ignore lint/style/noDefaultExport: that is what it exports.
  export default WebTorrent;
  export type { Parsed as ParsedTorrent, Store as ChunkStore };
}
