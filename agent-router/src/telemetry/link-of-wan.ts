// The link message of a WAN, and whether it says anything new. Pure.
import type { Link } from '@headgate/protocol';
import type { Wan } from './choose-wans.ts';

/** @param carrier the cable of the device below; null where it does not say. */
export const linkOfWan = (wan: Wan, carrier: boolean | null): Omit<Link, 'at'> => ({
  up: true,
  primary: wan.primary,
  carrier,
  interfaces: [...wan.interfaces],
  device: wan.device,
  l3_device: wan.l3Device,
  proto: wan.proto,
  addresses: [...wan.addresses],
  prefixes: [...wan.prefixes],
  uptime_s: wan.uptimeS,
  errors: [...wan.errors],
});

/** What is said once of a WAN that went away. */
export const goneLink = (last: Omit<Link, 'at'>): Omit<Link, 'at'> => ({
  ...last,
  up: false,
  primary: false,
  carrier: null,
  addresses: [],
  prefixes: [],
  uptime_s: null,
});

/** Uptime moves by itself and is no news; that it fell is. */
export function isNewLink(before: Omit<Link, 'at'> | undefined, now: Omit<Link, 'at'>): boolean {
  if (before === undefined || (now.uptime_s ?? 0) < (before.uptime_s ?? 0)) return true;
  return JSON.stringify({ ...before, uptime_s: null, at: null }) !== JSON.stringify({ ...now, uptime_s: null, at: null });
}
