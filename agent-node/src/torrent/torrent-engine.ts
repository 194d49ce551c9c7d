// What the torrent process can do: hash, seed, download. It knows nothing of manifests, groups or libraries.

/** @property path below what was hashed, `/` between folders; a single file's own name. @property sha256 lower-case hexadecimal. */
export type TorrentFile = { readonly path: string; readonly size: number; readonly sha256: string };

/** @property torrent the bytes of a private .torrent file. @property files in the order of the torrent. */
export type HashedTorrent = {
  readonly infoHash: string;
  readonly torrent: Uint8Array;
  readonly files: readonly TorrentFile[];
  readonly size: number;
};

/** What a file was like when its hash was last known to be right. */
export type FileStamp = { readonly size: number; readonly mtimeMs: number };

/**
 * @property bytesDone those that passed their piece's SHA-1, or stand as their stamps say. @property bytesTotal null while it is not known.
 * @property bytesInOrder those from the start on without a gap: what a sha256 can go over while the rest still comes.
 * @property isDone all pieces passed. It is no proof: compare sha256 before you use a file. @property problem a sentence; null while all is well.
 * @property isFinal the problem does not pass by itself.
 */
export type TorrentState = {
  readonly infoHash: string;
  readonly bytesDone: number;
  readonly bytesInOrder: number;
  readonly bytesTotal: number | null;
  readonly upBps: number;
  readonly downBps: number;
  readonly peers: number;
  readonly isDone: boolean;
  readonly problem: string | null;
  readonly isFinal: boolean;
};

/**
 * @property folder absolute; it holds (or gets) the files. @property files where the torrent's files lie below it, in the torrent's own order: its names are
 * never used. @property peers `address:port`. @property announce http, https or udp trackers; those in the .torrent do not count, nor do its web seeds.
 * @property readOnly seeds what is there and never writes; what does not fit is a problem of the state. @property stamps of `files`: where each still stands,
 * nothing is read and hashed before it is seeded.
 */
export type TorrentOrder = {
  readonly infoHash: string;
  readonly torrent: Uint8Array;
  readonly folder: string;
  readonly files: readonly string[];
  readonly peers: readonly string[];
  readonly announce: readonly string[];
  readonly readOnly?: boolean | undefined;
  readonly stamps?: readonly FileStamp[] | undefined;
};

/** @property name the torrent's; otherwise the base name of what is hashed. @property announce an empty list: no tracker at all. */
export type HashOptions = { readonly name?: string | undefined; readonly announce: readonly string[] };

/** Bit/s of the whole client, but for networks that the settings name as free. null: no limit. 0: nothing. @property isPaused nothing at all, there neither. */
export type TorrentLimits = {
  readonly upBps: number | null;
  readonly downBps: number | null;
  readonly isPaused?: boolean | undefined;
};

/** Bit/s of pieces that go to and come from networks that are not free. */
export type TorrentRates = { readonly upBps: number; readonly downBps: number };

export type TorrentEngine = {
  /** sha256 of each file and SHA-1 of the pieces in one read. `progress` gets the bytes read so far. @throws EngineError */
  hash(path: string, options: HashOptions, progress: (bytes: number) => void, signal: AbortSignal): Promise<HashedTorrent>;
  /** Seeds or downloads, until `remove`, also over restarts of the process. Idempotent: a second order of an info hash replaces the first. @throws EngineError */
  add(order: TorrentOrder, signal: AbortSignal): Promise<void>;
  /** The files stay. Nothing happens where there is no such torrent. */
  remove(infoHash: string): Promise<void>;
  limit(limits: TorrentLimits): void;
  /** Where other peers reach it; null while there is no process, as there is none without a torrent. */
  listening(): { readonly address: string; readonly port: number } | null;
  /** As the process last said, at most a second ago; in the order of adding. */
  states(): readonly TorrentState[];
  /** Of the uplink, as the process last said; nothing while there is none. */
  rates(): TorrentRates;
  /** @returns what ends the listening. Called at most each second while anything moves. */
  onChange(listener: () => void): () => void;
  [Symbol.asyncDispose](): Promise<void>;
};

export type EngineLog = {
  info(fields: Readonly<Record<string, unknown>>, text: string): void;
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
};

/**
 * @property listen one address, never all but by name; port 0 takes any. @property freeNetworks like `192.168.0.0/16`, `!10.8.0.0/24` taken out: no limit holds for peers there.
 * @property restartAboveBytes of resident memory; 400 MB (10^6) when it is not given. @property livesAtLeastMs
 * before it is restarted for that; 30 s. @property restsBelowBytes of one that has loaded something, once it rests: else it begins anew; 110 MB. @property idleMs without a torrent until the process ends; 30 s.
 * @property environment what the process gets of it, as NODE_EXTRA_CA_CERTS for trackers; secrets do not belong there. @property ca PEM text of a CA that trackers
 * may have a certificate of, besides those that Node trusts.
 */
export type TorrentEngineSettings = {
  readonly listen: { readonly address: string; readonly port: number };
  readonly freeNetworks?: readonly string[];
  readonly maxConnections?: number;
  readonly restartAboveBytes?: number;
  readonly livesAtLeastMs?: number;
  readonly restsBelowBytes?: number;
  readonly idleMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ca?: string | undefined;
  readonly log: EngineLog;
};
