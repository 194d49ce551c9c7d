// Pure: what the torrent process and its opener say to each other over IPC (structured clone, so bytes stay bytes). Both check what they hear.
import { infoHash, relativePath } from '@headgate/protocol';
import * as z from 'zod/mini';

const count = z.int().check(z.nonnegative());
const rate = z.number().check(z.nonnegative());
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');
const sentence = z.string().check(z.maxLength(1_000));
/** `192.0.2.1:6881`, `[2001:db8::1]:6881`. A name would be asked of a DNS server. */
const peer = z.string().check(z.regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, 'must be address:port'));
const tracker = z.string().check(z.maxLength(1_000), z.regex(/^(https?|udp):\/\/\S+$/, 'must be an http, https or udp tracker'));
const trackers = z.array(tracker).check(z.maxLength(20));
const absolutePath = z.string().check(
  z.maxLength(4_096),
  z.refine((path) => path.startsWith('/') && !path.includes('\0'), 'must be absolute'),
);
const stamps = z.array(z.object({ size: count, mtimeMs: z.number() })).check(z.maxLength(2_000));

/** All that a torrent is to be. */
export const torrentOrder = z.object({
  infoHash,
  torrent: bytes,
  folder: absolutePath,
  files: z.array(relativePath).check(z.minLength(1), z.maxLength(2_000)),
  peers: z.array(peer).check(z.maxLength(200)),
  announce: trackers,
  readOnly: z.optional(z.boolean()),
  stamps: z.optional(stamps),
});

const hashOptions = z.object({ name: z.optional(z.string().check(z.minLength(1), z.maxLength(255))), announce: trackers });

/** What is to be hashed. */
export const hashOrder = z.object({ path: absolutePath, options: hashOptions });

const limits = z.object({ upBps: z.nullable(rate), downBps: z.nullable(rate), isPaused: z.optional(z.boolean()) });

/** `id`: asked for an answer of the same id. */
export const toEngine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('settings'),
    address: z.string(),
    port: z.int().check(z.gte(0), z.lte(65_535)),
    freeNetworks: z.array(z.string()),
    maxConnections: z.int().check(z.gte(1), z.lte(1_000)),
    ca: z.optional(z.string()),
  }),
  z.object({ type: z.literal('limits'), limits }),
  z.object({ type: z.literal('add'), id: count, order: torrentOrder }),
  z.object({ type: z.literal('remove'), id: count, infoHash }),
  z.object({ type: z.literal('hash'), id: count, order: hashOrder }),
  z.object({ type: z.literal('cancel'), id: count }),
  z.object({ type: z.literal('stop') }),
]);
export type ToEngine = z.infer<typeof toEngine>;

const state = z.object({
  infoHash,
  bytesDone: count,
  bytesInOrder: count,
  bytesTotal: z.nullable(count),
  upBps: rate,
  downBps: rate,
  peers: count,
  isDone: z.boolean(),
  problem: z.nullable(sentence),
  isFinal: z.boolean(),
});

const hashed = z.object({
  infoHash,
  torrent: bytes,
  files: z.array(z.object({ path: z.string(), size: count, sha256: z.string().check(z.length(64)) })),
  size: count,
});

const code = z.enum(['input_invalid', 'not_readable', 'not_installed', 'unavailable', 'timeout']);

export const fromEngine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('up'), address: z.string(), port: count }),
  /** It cannot do torrents at all. */
  z.object({ type: z.literal('broken'), code, message: sentence }),
  z.object({ type: z.literal('done'), id: count, hashed: z.optional(hashed) }),
  z.object({ type: z.literal('failed'), id: count, code, message: sentence }),
  z.object({ type: z.literal('progress'), id: count, bytes: count }),
  z.object({
    type: z.literal('states'),
    residentBytes: count,
    states: z.array(state),
    rates: z.object({ upBps: rate, downBps: rate }),
  }),
  /** All pieces passed, and these are the files as they are now. */
  z.object({ type: z.literal('whole'), infoHash, stamps }),
]);
export type FromEngine = z.infer<typeof fromEngine>;
