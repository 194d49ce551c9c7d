// Bencoding as strangers send it: what is not well-formed is nothing, and what is comes back as it was.
import { randomBytes } from 'node:crypto';
import { bytesOfKey, decodeBencode, encodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';

t.test('bencode that is none is null, whatever it is', async (t) => {
  const text = (words: string) => Buffer.from(words, 'latin1');
  for (const words of [
    '',
    'i',
    'ie',
    'i-e',
    'i1',
    'i99999999999999999999e',
    '5:abc',
    '99999999999:a',
    'l',
    'd',
    'd1:a',
    'd1:ai1e',
    'i1ei2e',
    'd1:ai1e1:ai2ee',
    'x',
    '-1:a',
    'di1ei1ee',
    '1',
  ])
    t.equal(decodeBencode(text(words)), null, words);
  t.equal(decodeBencode(text('l'.repeat(100_000))), null, 'nesting without an end');
  for (let i = 0; i < 2_000; i++) decodeBencode(randomBytes(30));
  t.same(decodeBencode(text('d1:ai-5e1:bl2:xyd3:keyi0eeee')), { a: -5, b: [text('xy'), { key: 0 }] });
  t.same(Object.keys(decodeBencode(text('d9:__proto__i1ee')) as object), ['__proto__']);
  t.equal(String(bytesOfKey(text('d1:a3:xyz4:infod1:bi1eee'), 'info')), 'd1:bi1ee');
  t.equal(bytesOfKey(text('d1:a3:xyze'), 'info'), null);
  t.equal(Buffer.from(encodeBencode({ b: [1, 'ü'], a: Buffer.from('x') })).toString(), 'd1:a1:x1:bli1e2:üee');
});
