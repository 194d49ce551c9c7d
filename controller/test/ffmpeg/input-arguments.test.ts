// What ffmpeg is given to read.
import t from 'tap';
import { inputArguments, refuseInput } from '../../src/ffmpeg/input-arguments.ts';

t.test('paths and plain URLs are read; a path is no protocol', async (t) => {
  for (const from of [
    '/a b.mkv',
    '/srv/concat:x',
    'http://127.0.0.1:8096/videos/1/stream?static=true',
    'https://h/x?mediaSourceId=1&tokenizer=2',
  ]) {
    t.equal(refuseInput(from), null, from);
  }
  t.same(inputArguments('/srv/a:b.mkv'), ['-i', 'file:/srv/a:b.mkv']);
});

t.test('row 136: what holds a secret, or is no plain address, is refused', async (t) => {
  const refused = [
    ...[
      'http://u@h/',
      'http://:p@h/',
      'http://h/?api_key=1',
      'http://h/?ApiKey=1',
      'http://h/?a=b&X-Emby-Token=1',
      'http://h/?token=1',
      'http://h/?access_token=1',
    ],
    ...['', 'film.mkv', 'ftp://h/x', 'file:/x', 'concat:/a|/b', 'pipe:0', '/a\0b', '-i'],
  ];
  for (const from of refused) t.type(refuseInput(from), 'string', from);
});
