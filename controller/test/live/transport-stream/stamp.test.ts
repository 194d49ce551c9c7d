// Fields of packets and PES headers: read back as written, at every size of number.
import t from 'tap';
import { readTime, unwrap, writePcr, writeTime } from '../../../src/live/transport-stream/packet.ts';
import { crc32, TABLES, writeTables } from '../../../src/live/transport-stream/tables.ts';
import { seededRandom } from './fixtures/join-sources.ts';

t.test('a PTS is read back as written, modulo 2^33, with its marker bits', async (t) => {
  const random = seededRandom(21);
  const bytes = new Uint8Array(5);
  for (const ticks of [
    0,
    1,
    2 ** 30,
    2 ** 32 - 1,
    2 ** 33 - 1,
    2 ** 33,
    -1,
    ...Array.from({ length: 500 }, () => Math.floor(random() * 2 ** 40)),
  ]) {
    writeTime(bytes, 0, 3, ticks);
    t.equal(readTime(bytes, 0), ((ticks % 2 ** 33) + 2 ** 33) % 2 ** 33, `${ticks}`);
    t.same([(bytes[0] ?? 0) >> 4, (bytes[0] ?? 0) & 1, (bytes[2] ?? 0) & 1, (bytes[4] ?? 0) & 1], [3, 1, 1, 1]);
  }
});

t.test('a PCR holds 33 bits of 90 kHz, six reserved bits that are set, and the rest of 27 MHz', async (t) => {
  const random = seededRandom(22);
  const bytes = new Uint8Array(6);
  for (const clock of [
    0,
    299,
    300,
    (2 ** 33 - 1) * 300 + 299,
    ...Array.from({ length: 300 }, () => Math.floor(random() * 2 ** 45)),
  ]) {
    writePcr(bytes, 0, clock);
    const all = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    t.equal(Number(all >> 15n), Math.floor(clock / 300) % 2 ** 33);
    t.equal(Number((all >> 9n) & 63n), 63);
    t.equal(Number(all & 511n), clock % 300);
  }
});

t.test('a time of 33 bits stands where it is nearest', async (t) => {
  t.equal(unwrap(5, 2 ** 33 - 5), 2 ** 33 + 5);
  t.equal(unwrap(2 ** 33 - 5, 2 ** 33 + 5), 2 ** 33 - 5);
  t.equal(unwrap(2 ** 33 - 5, 5), -5);
  t.equal(unwrap(100, 3 * 2 ** 33 + 50), 3 * 2 ** 33 + 100);
});

t.test('the CRC is CRC-32/MPEG-2, whose check value is 0x0376e6e7', async (t) => {
  t.equal(crc32(new TextEncoder().encode('123456789')), 0x0376e6e7);
});

t.test('PAT and PMT are these bytes for ever, with the counters asked for', async (t) => {
  const bytes = new Uint8Array(TABLES);
  writeTables(bytes, 0, { pat: 5, pmt: 18 });
  const hex = Buffer.from(bytes)
    .toString('hex')
    .split(/(?:ff)+/);
  t.same(hex, [
    '474000150000b00d0001c100000001f0002ab104b2',
    '475000120002b0170001c10000e100f0001be100f0000fe101f0002f44b99b',
    '',
  ]);
  writeTables(bytes, 0, { pat: -1, pmt: 0 }, true);
  t.same([...bytes.subarray(0, 6)], [0x47, 0x40, 0, 0x3f, 1, 0x80], 'the counters begin anew');
});
