// Ruling 4 with the scripted web client: its bitrate test and its bursts, four times as fast, against the whole feature.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import type { Clock } from '../../../src/clock.ts';
import { M } from '../fixtures/decision-input.ts';
import { capped, film } from '../fixtures/home-views.ts';
import { openHome } from '../fixtures/real-home.ts';

/** Faster, and a busy machine is late by seconds of film. */
const SPEED = 4;
const OTHER_BPS = 3 * M;
const STEP_BPS = 500_000;
const began = Date.now();
const fast: Clock = {
  now: () => Math.round(began + (Date.now() - began) * SPEED),
  monotonic: () => performance.now() * SPEED,
  sleep: (ms, signal) => wait(ms / SPEED, undefined, { signal }),
};

t.test(
  "ruling 4: a web client that tests the line, starts, seeks and stops moves no other viewer's cap by more than one step",
  async (t) => {
    await using home = await openHome({ jellyfin: { speed: SPEED }, clock: fast });
    await home.start({ restoreAfterMs: 0, writeIntervalMs: 0 });
    const seen = new Set<number>();
    let peakBps = 0;
    /** The WAN once per second of film. */
    const second = async (): Promise<void> => {
      const { upBps } = home.jellyfin.traffic();
      peakBps = Math.max(peakBps, upBps);
      home.uplink.say(OTHER_BPS + upBps);
      await wait(1_000 / SPEED);
      seen.add(home.jellyfin.limitOf('ben'));
    };
    const seconds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) await second();
    };
    await seconds(10);
    await capped(home, 32.5 * M, 'ben');
    const viewer = home.jellyfin.viewer({ user: 'anna' });
    const watching = viewer.play(film(home.jellyfin));
    await seconds(40);
    await watching;
    await viewer.seek(300_000);
    await seconds(30);
    t.ok(peakBps > 14 * M, `it did burst: ${peakBps}`);
    // Either nobody watches, or anna's film of 8.22 Mbit/s is taken off; and one step beside.
    const [idle, beside] = [32.5 * M, 24 * M];
    for (const cap of seen.values())
      t.ok(Math.abs(cap - idle) <= STEP_BPS || Math.abs(cap - beside) <= STEP_BPS || cap === 0, `${cap}`);
    t.ok([...seen].some((cap) => Math.abs(cap - beside) <= STEP_BPS));
  },
);
