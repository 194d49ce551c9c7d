// Sections about the line itself and who is at home: network, uplink.
import { z } from 'zod';
import { range } from './addresses.ts';
import { across } from './schema-tools.ts';
import { flag, isFixed, plainName, rateOr, reserve } from './values.ts';

/** Loopback, link-local, RFC 1918 and RFC 4193: what a home's own network can be. */
const PRIVATE_RANGES = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
];

export const networkSection = () =>
  z
    .strictObject({
      local_ranges: z.array(range()).describe('Addresses at home: their viewers do not use the uplink.').prefault(PRIVATE_RANGES),
      vpn_ranges: z.array(range()).describe('Addresses of your VPN: private, but their viewers use the uplink.').prefault([]),
      test_mode: flag().describe('Only `test_external_ranges` count as outside, to try Headgate from the sofa.').prefault(false),
      test_external_ranges: z.array(range()).describe('Ranges that count as outside in test mode.').prefault([]),
    })
    .check(
      across((network, tell) => {
        const { test_external_ranges: ranges, test_mode } = network;
        if (test_mode === true && (ranges === undefined || (Array.isArray(ranges) && ranges.length === 0)))
          tell('test_external_ranges', 'is missing: with test_mode nobody would count as outside');
      }),
    )
    .transform((network) => ({
      localRanges: network.local_ranges,
      vpnRanges: network.vpn_ranges,
      testMode: network.test_mode,
      testExternalRanges: network.test_external_ranges,
    }))
    .prefault({});

export const uplinkSection = () =>
  z
    .strictObject({
      upload: rateOr(['auto'])
        .describe("What the line can send. auto: the rate of the router's shaper, followed as it changes.")
        .prefault('auto'),
      download: rateOr(['auto']).describe('What the line can receive.').prefault('auto'),
      reserve: reserve().describe('Kept free of viewers and torrents, as a part of `upload` or a rate.').prefault('10%'),
      router: plainName().describe('Id of the router that counts; without it, the one that speaks.').optional(),
      wan: plainName().describe('Name of the WAN that counts; without it, the primary one.').optional(),
    })
    .check(
      across((uplink, tell) => {
        const { upload, reserve: kept } = uplink;
        if (typeof upload === 'number' && isFixed(kept) && kept.bps >= upload) tell('reserve', 'must be less than upload');
      }),
    )
    .transform((uplink) => ({
      uploadBps: uplink.upload === 'auto' ? null : uplink.upload,
      downloadBps: uplink.download === 'auto' ? null : uplink.download,
      reserve: uplink.reserve,
      router: uplink.router ?? null,
      wan: uplink.wan ?? null,
    }))
    .prefault({});
