// Hostile and broken .torrent files: each is refused with what is wrong, and none costs more than its bytes.
import { type Encodable, encodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';
import { MAX_TORRENT_BYTES, readTorrent } from '../../src/torrent/read-torrent.ts';

const SHA1 = Buffer.alloc(20);
const info = { length: 100, name: 'film', 'piece length': 16_384, pieces: SHA1 };
const read = (change: { readonly [key: string]: Encodable }) => readTorrent(encodeBencode({ info: { ...info, ...change } }));

t.test('sizes and pieces are read, names and trackers are not', async (t) => {
  const hostile = encodeBencode({
    announce: 'http://tracker.example.org/announce',
    'url-list': ['http://169.254.169.254/'],
    info: {
      name: '..',
      'piece length': 16_384,
      pieces: Buffer.alloc(40),
      files: [
        { length: 16_384, path: ['..', '..', 'etc', 'cron.d', 'x'] },
        { length: 1, path: ['\0'] },
      ],
    },
  });
  const metainfo = readTorrent(hostile);
  t.match(metainfo, { sizes: [16_384, 1], size: 16_385, pieceLength: 16_384 });
});

t.test('what does not fit is refused', async (t) => {
  const cases: readonly [string | ReturnType<typeof read>, RegExp][] = [
    [read({ pieces: Buffer.alloc(40) }), /pieces that do not fit/],
    [read({ pieces: Buffer.alloc(19) }), /pieces that do not fit/],
    [read({ length: 10 ** 15 }), /impossible|do not fit|no files/],
    [read({ length: -1 }), /no files, impossible ones/],
    [read({ length: 0 }), /impossible size/],
    [read({ length: 'x' }), /no files/],
    [read({ 'piece length': 0 }), /impossible piece length/],
    [read({ 'piece length': 2 ** 40 }), /impossible piece length/],
    [read({ pieces: [] }), /v2 alone is not understood/],
    [read({ files: [] }), /no files/],
    [read({ files: [{ path: ['x'] }] }), /no files/],
    [read({ files: Array.from({ length: 2_001 }, () => ({ length: 1, path: ['x'] })) }), /more than 2000/],
    [readTorrent(new Uint8Array(MAX_TORRENT_BYTES + 1)), /more than \d+ bytes/],
    [readTorrent(encodeBencode({ info: 3 })), /is not one/],
    [readTorrent(encodeBencode(['info'])), /is not one/],
    [readTorrent(new Uint8Array()), /is not one/],
  ];
  for (const [answer, fault] of cases) t.match(answer, fault);
});
