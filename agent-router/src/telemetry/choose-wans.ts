// Which interfaces of a router are its WANs. Pure. By the default route, never by the name "wan".
import { topicName } from '@headgate/protocol';
import * as z from 'zod/mini';
import type { InterfaceDump, InterfaceStatus } from '../router/answers.ts';
import { isDeviceName } from '../router/router.ts';

/** One line to the internet. wan and wan6 over the same device are one WAN. */
export type Wan = {
  /** Logical name, which is the topic level: the IPv4 interface's, where there is one. */
  readonly name: string;
  readonly primary: boolean;
  /** All logical interfaces on this device, up or down. */
  readonly interfaces: readonly string[];
  /** The device below, e.g. eth1.7 under pppoe-wan; where the cable is. */
  readonly device: string | null;
  /** Carries the traffic and has the counters. */
  readonly l3Device: string;
  readonly proto: string | null;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly uptimeS: number | null;
  readonly errors: readonly string[];
};

const MOST_WANS = 8;

/** WANs by metric, the primary first. An interface that is down has no route and is none (facts/openwrt.md §1). */
export function chooseWans(dump: InterfaceDump): readonly Wan[] {
  const routed = dump.filter((one) => one.up && defaultRoutes(one).length > 0 && isUsable(one));
  const sorted = [...routed].sort((a, b) => rank(a) - rank(b));
  const devices = unique(sorted.map((one) => one.l3_device ?? ''));
  return devices.slice(0, MOST_WANS).map((l3Device, place) => {
    const uplinks = sorted.filter((one) => one.l3_device === l3Device);
    return wanOf(l3Device, uplinks, dump, place === 0);
  });
}

function wanOf(l3Device: string, uplinks: readonly InterfaceStatus[], dump: InterfaceDump, primary: boolean): Wan {
  const [first] = uplinks;
  // Interfaces without a route of their own (wan6 that only has a prefix) belong to the same line.
  const same = dump.filter((one) => one.l3_device === l3Device || (one.l3_device === undefined && one.device === l3Device));
  return {
    name: first?.interface ?? l3Device,
    primary,
    interfaces: same.map((one) => one.interface),
    device: first?.device ?? null,
    l3Device,
    proto: first?.proto ?? null,
    addresses: unique(
      same.flatMap((one) => [...(one['ipv4-address'] ?? []), ...(one['ipv6-address'] ?? [])].map((own) => own.address)),
    ),
    prefixes: unique(same.flatMap((one) => (one['ipv6-prefix'] ?? []).map((prefix) => `${prefix.address}/${prefix.mask ?? 64}`))),
    uptimeS: first?.uptime ?? null,
    errors: same.flatMap((one) =>
      (one.errors ?? []).map((error) => `${one.interface}: ${error.code ?? error.subsystem ?? 'error'}`),
    ),
  };
}

const isUsable = (one: InterfaceStatus): boolean =>
  isDeviceName(one.l3_device ?? '') && z.safeParse(topicName, one.interface).success;

const defaultRoutes = (one: InterfaceStatus): readonly { readonly target: string }[] =>
  (one.route ?? []).filter((route) => route.mask === 0 && (route.target === '0.0.0.0' || route.target === '::'));

/** Lowest metric first; at the same metric the IPv4 one, which names the WAN. */
function rank(one: InterfaceStatus | undefined): number {
  if (one === undefined) return Number.POSITIVE_INFINITY;
  const overIPv4 = defaultRoutes(one).some((route) => route.target === '0.0.0.0');
  return (one.metric ?? 0) * 2 + (overIPv4 ? 0 : 1);
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
