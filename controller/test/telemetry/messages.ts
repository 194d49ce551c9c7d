// What a router agent says, for tests: the protocol's golden messages with some fields changed.
import { readFileSync } from 'node:fs';
import type { Link, Throughput } from '@headgate/protocol';

const golden = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../../../protocol/test/golden/${name}.json`, import.meta.url), 'utf8')) as object;

export const throughputOf = (change: Partial<Throughput> = {}): Throughput => ({
  ...(golden('throughput') as Throughput),
  ...change,
});
export const linkOf = (change: Partial<Link> = {}): Link => ({ ...(golden('link') as Link), ...change });
