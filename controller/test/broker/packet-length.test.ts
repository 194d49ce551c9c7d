// The guard against oversized MQTT packets.
import t from 'tap';
import { createPacketLengthGuard } from '../../src/broker/packet-length.ts';

/** Fixed header of a PUBLISH with that body length, MQTT 3.1.1 §2.2.3. */
function header(length: number): number[] {
  const bytes = [0x30];
  do {
    bytes.push((length % 128) + (length >= 128 ? 128 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return bytes;
}
const packet = (length: number): number[] => [...header(length), ...new Array<number>(length).fill(0xff)];

t.test('packets up to the limit pass, however they are cut into chunks', async (t) => {
  const stream = [0, 1, 127, 128, 300, 16_383, 16_384, 20_000].flatMap(packet);
  for (const size of [1, 2, 7, 4_096, stream.length]) {
    const isFine = createPacketLengthGuard(20_000);
    const answers = [];
    for (let at = 0; at < stream.length; at += size) answers.push(isFine(Uint8Array.from(stream.slice(at, at + size))));
    t.ok(answers.every(Boolean), `chunks of ${size}`);
  }
});

t.test('a larger one is told from its header alone', async (t) => {
  const isFine = createPacketLengthGuard(20_000);
  t.equal(isFine(Uint8Array.from(packet(20_000))), true);
  t.equal(isFine(Uint8Array.from(header(20_001))), false);
  t.equal(createPacketLengthGuard(20_000)(Uint8Array.from([0x10, 0xff, 0xff, 0xff, 0x7f])), false);
});

t.test('a length that never ends is refused', async (t) => {
  t.equal(createPacketLengthGuard(20_000)(Uint8Array.from([0x10, 0x80, 0x80, 0x80, 0x80, 0x80])), false);
});
