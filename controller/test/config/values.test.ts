// What a person may write for a rate, a duration, a size, and what it means inside.
import t from 'tap';
import type { z } from 'zod';
import { duration, flag, plainName, rate, rateOr, reserve, size, text, whole } from '../../src/config/values.ts';

/** The value, or the sentence of refusal. */
function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  return result.success ? result.data : `refused: ${result.error.issues[0]?.message}`;
}

t.test('rates are Mbit/s or carry their unit, and become whole bit/s', async (t) => {
  const cases: readonly (readonly [unknown, number])[] = [
    [2, 2_000_000],
    [0.5, 500_000],
    ['2', 2_000_000],
    ['500 kbit/s', 500_000],
    ['500kbit/s', 500_000],
    ['1.5 Gbit/s', 1_500_000_000],
    ['500 KiB/s', 4_096_000],
    ['2 MB/s', 16_000_000],
    [0.0333333, 33_333],
    [2147, 2_147_000_000],
  ];
  for (const [written, bps] of cases) t.equal(read(rate(), written), bps, String(written));
});

t.test('rates that are none, negative, not finite or above int32 are refused', async (t) => {
  for (const written of [
    0,
    -1,
    2148,
    1e6,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    'fast',
    '5 bananas',
    '5 Mbit',
    '0x10',
    '1e3',
    true,
    null,
    [],
    {},
  ])
    t.match(read(rate(), written), /^refused: must be/, JSON.stringify(written));
  t.match(read(rate(), 2148), /from 0.01 Mbit\/s to 2147 Mbit\/s, not 2148 Mbit\/s/);
});

t.test('a word is taken where one is allowed', async (t) => {
  t.equal(read(rateOr(['auto']), 'auto'), 'auto');
  t.equal(read(rateOr(['auto']), 100_000), 100_000_000_000, 'an uplink may be faster than any cap');
  t.match(read(rateOr(['auto']), 'automatic'), /refused: .*or auto/);
  t.match(read(rateOr(['original']), 0), /or original/, '0 does not become unlimited by accident');
  t.match(read(rateOr(['original']), 'unlimited'), /or original/, 'the original is a ceiling: Headgate loosens nothing');
});

t.test('a reserve is a share or a rate', async (t) => {
  t.same(read(reserve(), '10%'), { kind: 'share', share: 0.1 });
  t.same(read(reserve(), '0%'), { kind: 'share', share: 0 });
  t.same(read(reserve(), 10), { kind: 'fixed', bps: 10_000_000 });
  t.same(read(reserve(), 0), { kind: 'fixed', bps: 0 });
  for (const written of ['91%', '-5%', '%', '10 %x', -1]) t.match(read(reserve(), written), /^refused: must be/, String(written));
});

t.test('durations become milliseconds', async (t) => {
  const hour = duration(0, 3_600_000);
  const cases: readonly (readonly [unknown, number])[] = [
    ['60s', 60_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['250ms', 250],
    ['0s', 0],
    [30, 30_000],
    ['1.5 s', 1_500],
  ];
  for (const [written, ms] of cases) t.equal(read(hour, written), ms, String(written));
  for (const written of ['60', '2h', '-1s', '5 weeks', '', -1])
    t.match(read(hour, written), /^refused: must be/, String(written));
});

t.test('sizes become bytes', async (t) => {
  const some = size(1_000, 1_000_000_000);
  const cases: readonly (readonly [unknown, number])[] = [
    ['10MB', 10_000_000],
    ['512KB', 512_000],
    ['1MiB', 1_048_576],
    [4096, 4096],
    ['4096', 4096],
    ['10 mb', 10_000_000],
  ];
  for (const [written, bytes] of cases) t.equal(read(some, written), bytes, String(written));
  for (const written of ['999', '2GB', '10 bits', 'big', 0.5, -1])
    t.match(read(some, written), /^refused: must be/, String(written));
});

t.test('a substituted variable is text and is still taken as a number or truth value', async (t) => {
  t.equal(read(flag(), 'true'), true);
  t.equal(read(flag(), false), false);
  t.match(read(flag(), 'yes'), /true or false/);
  t.match(read(flag(), 1), /true or false/);
  t.equal(read(whole(1, 9), '5'), 5);
  for (const written of ['5.5', '0x5', 10, 0, -1, 1.5]) t.match(read(whole(1, 9), written), /^refused/, String(written));
});

t.test('text and names are bounded', async (t) => {
  t.match(read(text(), 12345), /put it in quotes/, 'an unquoted number could have lost its zeros');
  t.match(read(text(), ''), /empty/);
  t.match(read(text(3), 'abcd'), /at most 3/);
  t.equal(read(plainName(), 'main-1.x_y'), 'main-1.x_y');
  for (const written of ['a b', 'a/b', '+', '#', 'ä', '']) t.match(read(plainName(), written), /^refused/, written);
});
