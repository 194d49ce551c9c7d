// Text inside filter graphs: the real ffmpeg reads back what was meant.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { filterValue, oneLine, seconds } from '../../src/ffmpeg/filter-text.ts';

const folder = t.testdir({});

/** The picture's checksum. */
const drawn = (options: string): string =>
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'color=s=400x40:d=0.04',
    '-vf',
    `drawtext=${options}:expansion=none:fontcolor=white`,
    '-f',
    'md5',
    '-',
  ]).toString();

t.test('any text is drawn as it is: the same picture as out of a file', async (t) => {
  const texts = ["it's a:b=c x,y;z [in] back\\slash", '%{pts} 100% "q" `b` $x', "\\':,;[]= '", '  blanks  within  '];
  for (const [i, text] of texts.entries()) {
    const file = join(folder, `${i}.txt`);
    writeFileSync(file, text);
    t.equal(drawn(`text=${filterValue(text)}`), drawn(`textfile=${file}`), text);
  }
});

t.test('one line without control characters', async (t) => {
  t.equal(oneLine(' a\n\tb\u0000\u2028c  d\u007f '), 'a b c d');
  t.equal(seconds(1_234.5678), '1.234568');
  t.equal(seconds(3_600_000), '3600');
});
