// The end of what ffmpeg says.
import t from 'tap';
import { inOneSentence, keepLastLines, withoutSecrets } from '../../src/ffmpeg/last-lines.ts';

t.test('the last few lines, whatever the pieces and however long a line', async (t) => {
  const last = keepLastLines();
  for (let i = 0; i < 100; i += 1) last.add(`line ${i}\r\n`);
  last.add('half');
  last.add(' a line');
  t.same(last.lines(), ['line 94', 'line 95', 'line 96', 'line 97', 'line 98', 'line 99', 'half a line']);
  for (let i = 0; i < 100; i += 1) last.add('x'.repeat(10_000));
  last.add('\n');
  t.ok(last.lines().every((line) => line.length <= 300));
});

t.test('one sentence, without addresses in memory and without secrets', async (t) => {
  t.equal(
    inOneSentence(['a', '[matroska,webm @ 0x5e] EBML header parsing failed', '/x.mkv: Invalid data found.']),
    'EBML header parsing failed; /x.mkv: Invalid data found',
  );
  t.equal(inOneSentence([]), '');
  t.equal(
    withoutSecrets("'http://u:p@h/x?api_key=1&b=2': 404, ApiKey=k, X-Emby-Token: t"),
    "'http://h/x?…': 404, ApiKey=… X-Emby-Token: …",
  );
});
