// Pictures are kept within a bound, and fetched once however many ask.
import t from 'tap';
import { createArtwork } from '../../../src/channels/guide/artwork.ts';
import { pictureType } from '../../../src/channels/guide/picture-type.ts';
import { PNG } from './fixtures/serve-live-tv.ts';

const image = (itemId: string, tag = 't') => ({ server: 'home', itemId, tag });

t.test('the longest unused goes first, a new tag is a new picture, and a failure is not kept', async (t) => {
  const asked: string[] = [];
  let isDown = false;
  const artwork = createArtwork(async ({ itemId, tag }) => {
    asked.push(itemId + tag);
    if (isDown) throw new Error('down');
    return PNG;
  }, PNG.length * 2);
  await artwork.read(image('a'));
  await artwork.read(image('b'));
  await artwork.read(image('a'));
  await artwork.read(image('c'));
  await artwork.read(image('a'));
  t.same(asked, ['at', 'bt', 'ct']);
  await artwork.read(image('b'));
  t.equal(asked.length, 4, 'b had to go');
  await artwork.read(image('b', 'u'));
  t.equal(asked.at(-1), 'bu');
  isDown = true;
  await t.rejects(artwork.read(image('d')), { message: 'down' });
  isDown = false;
  t.match(await artwork.read(image('d')), { contentType: 'image/png' });
});

t.test('what is too large or no picture is none', async (t) => {
  const bytes = new Map([
    ['large', Buffer.concat([PNG, Buffer.alloc(4_000_000)])],
    ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['empty', Buffer.alloc(0)],
  ]);
  const artwork = createArtwork(async ({ itemId }) => bytes.get(itemId) ?? null);
  for (const id of ['large', 'text', 'empty', 'absent']) t.equal(await artwork.read(image(id)), null, id);
});

t.test('a picture is what its bytes say', async (t) => {
  const of = (text: string) => pictureType(Buffer.from(text, 'latin1'));
  t.equal(of('\x89PNG\r\n\x1a\n…'), 'image/png');
  t.equal(of('\xff\xd8\xff\xe0'), 'image/jpeg');
  t.equal(of('GIF89a'), 'image/gif');
  t.equal(of('RIFF\0\0\0\0WEBPVP8 '), 'image/webp');
  for (const other of ['', '\x89PN', 'RIFF\0\0\0\0WAVE', '<svg/>', '<?xml', 'BM']) t.equal(of(other), null);
});
