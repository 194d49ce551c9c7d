// Whether one more stream fits the uplink.
import t from 'tap';
import { parseRanges } from '../../src/bandwidth/address-range.ts';
import type { Decision } from '../../src/bandwidth/decision.ts';
import { findsRoom } from '../../src/bandwidth/describe-world.ts';
import type { World } from '../../src/bandwidth/world.ts';

const world = {
  ranges: () => ({ home: parseRanges(['192.168.0.0/16', '198.51.100.7/32']), vpn: [], testExternal: null }),
} as unknown as World;
const decision = { budget: { newStreamBps: 2_000_000 } } as unknown as Decision;

t.test(
  'ruling 10: from outside only what is left; at home, by our own WAN address, and while nothing is known, always',
  async (t) => {
    const fits = (address: string, bps: number, known: Decision | null = decision) => findsRoom(world, known, { address, bps });
    t.equal(fits('203.0.113.9', 2_000_000), true);
    t.equal(fits('203.0.113.9', 2_000_001), false);
    t.equal(fits('192.168.1.5', 9_000_000), true);
    t.equal(fits('198.51.100.7', 9_000_000), true);
    t.equal(fits('203.0.113.9', 9_000_000, null), true);
  },
);
