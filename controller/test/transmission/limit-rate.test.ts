// Number and switch become one signed rate and back, without loss, and no accident opens or shuts the tap.
import t from 'tap';
import { fromKept, roundedBps, scaleOf, toKept, USUAL_SCALE } from '../../src/transmission/limit-rate.ts';

t.test('whatever Transmission keeps is given back exactly', async (t) => {
  for (const scale of [USUAL_SCALE, scaleOf(14, 1_024), scaleOf(17, 1_000)]) {
    for (const speed of [0, 1, 2, 33, 100, 699, 700, 4_194_303, ...(scale.unitBytes === 1_000 ? [4_294_967] : [])])
      for (const enabled of [true, false])
        t.same(toKept(fromKept({ enabled, speed }, scale), scale), { enabled, speed }, `${speed} ${enabled} ${scale.unitBytes}`);
  }
});

t.test('off is 0 or less, on is above 0: a limit of 0 that is on lets nothing through and is not "none"', async (t) => {
  t.equal(fromKept({ enabled: false, speed: 700 }, USUAL_SCALE), -5_600_000);
  t.ok(Object.is(fromKept({ enabled: false, speed: 0 }, USUAL_SCALE), 0), 'not −0');
  t.equal(fromKept({ enabled: true, speed: 700 }, USUAL_SCALE), 5_600_000);
  t.equal(fromKept({ enabled: true, speed: 0 }, USUAL_SCALE), 1);
});

const caps: readonly { readonly bps: number; readonly speed: number; readonly why: string }[] = [
  { bps: 5_600_000, speed: 700, why: 'kB/s of 1000 bytes' },
  { bps: 5_607_999, speed: 700, why: 'cut, not rounded up' },
  { bps: 8_000, speed: 1, why: 'the smallest' },
  { bps: 7_999, speed: 1, why: 'never 0, where nothing flows' },
  { bps: 2, speed: 1, why: 'never 0' },
  { bps: 0.001, speed: 1, why: 'never 0' },
  { bps: 4_294_968 * 8_000, speed: 4_294_967, why: 'one more stands as 0 on 3.00' },
  { bps: 1e15, speed: 4_294_967, why: 'nor any other overflow' },
];

t.test('a cap is whole kB/s, at least one, and never overflows', async (t) => {
  for (const { bps, speed, why } of caps) {
    t.same(toKept(bps, USUAL_SCALE), { enabled: true, speed }, why);
    t.equal(roundedBps(bps, USUAL_SCALE), speed * 8_000, why);
  }
  t.equal(roundedBps(1, USUAL_SCALE), 8_000, 'a cap of 1 bit/s is no "nothing flows"');
  const newer = scaleOf(17, 1_000);
  t.equal(roundedBps(40_000_000_000, newer), 4_294_967 * 8_000, '4.0 counts further, but not on every machine');
  t.same(toKept(40_000_000_000, newer), { enabled: true, speed: 5_000_000 }, 'its user, who has it so, gets it back');
});
