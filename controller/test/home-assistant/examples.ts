// What discovery is made from in these tests: a controller and a router with two WANs.
import { readFileSync } from 'node:fs';
import type { DiscoveryInput } from '../../src/home-assistant/discovery.ts';

export const INPUT: DiscoveryInput = {
  base: 'headgate',
  prefix: 'homeassistant',
  homeName: 'Home',
  version: '0.1.0',
  url: 'http://192.168.1.5:8400',
  algorithms: ['equal', 'priority', 'demand'],
  eventTypes: ['caps_changed', 'hand_edit_kept'],
  usage: { capped: ['upload', 'together'] },
  routers: [{ router: 'attic', version: '0.1.0', wans: ['wan', 'wanb'] }],
  channels: [
    { id: 3, name: 'Crime & more', maySkip: true },
    { id: 12, name: 'News', maySkip: false },
  ],
  sync: { servers: ['attic', 'summer-house.2'] },
  nodes: [{ node: 'living-room.2', isHeard: true, version: '0.1.0' }],
  hasShadow: true,
};

/** The protocol's golden example of a message. */
export const golden = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../../protocol/test/golden/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;
