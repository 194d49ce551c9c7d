// One WAN's SQM message from what UCI wants and what tc says. Pure. The reading before it tells what moved.
import { KBIT, type ShapedDirection, type SqmState, type Tin } from '@headgate/protocol';
import type { QueueSection } from '../router/answers.ts';
import type { RateTool } from '../router/rate-tool.ts';
import { ifbOf, type RootQdisc, type TinCounters } from './sqm-parse.ts';

export type SqmSnapshot = {
  readonly clockS: number;
  readonly sections: readonly QueueSection[] | null;
  /** Undefined where tc gave no JSON. */
  readonly roots: ReadonlyMap<string, RootQdisc> | undefined;
  readonly rateTool: RateTool | false | null;
};

type WanDevices = { readonly l3Device: string; readonly device: string | null };

/** The shaper is the bottleneck from here on. */
const FULL = 0.9;
/** Of cake's own target. The delay of a line that is busy but not full trembles by less: a "rise" of some µs says nothing. */
const RISE = 0.1;

/** The section of this WAN: SQM may be set on the PPPoE device or on the one below it. */
export const sectionOf = ({ l3Device, device }: WanDevices, sections: readonly QueueSection[] | null): QueueSection | undefined =>
  sections?.find((one) => one.device === l3Device) ?? sections?.find((one) => one.device === device);

/** @param before undefined at the first reading: then nothing is known to move. @param ours a lease of ours stands on this WAN. */
export function sqmOfWan(
  wan: WanDevices,
  now: SqmSnapshot,
  before: SqmSnapshot | undefined,
  ours: boolean,
): Omit<SqmState, 'at'> {
  const section = sectionOf(wan, now.sections);
  if (section === undefined)
    return { configured: false, enabled: false, up: null, down: null, rate_owner: null, saturated: null };
  const seconds = before === undefined ? 0 : now.clockS - before.clockS;
  const upRoot = section.enabled ? now.roots?.get(section.device) : undefined;
  const downRoot = section.enabled && now.roots !== undefined ? ifbOf(section.device, now.roots) : undefined;
  const up = direction(upRoot, upRoot && before?.roots?.get(upRoot.device), section.uploadKbit, seconds);
  const down = direction(downRoot, downRoot && before?.roots?.get(downRoot.device), section.downloadKbit, seconds);
  return {
    configured: true,
    enabled: section.enabled,
    up: up ?? unseen(section, section.device, section.uploadKbit),
    down: down ?? unseen(section, `ifb4${section.device}`.slice(0, 15), section.downloadKbit),
    rate_owner: !section.enabled ? null : now.rateTool || (ours ? 'headgate' : 'static'),
    saturated: up?.saturated ?? null,
  };
}

/** Wanted by UCI, but tc shows no qdisc, or tc cannot be read: the wish is all that is known. */
function unseen(section: QueueSection, device: string, kbit: number): ShapedDirection | null {
  if (!section.enabled || kbit === 0) return null;
  return {
    device,
    qdisc: 'unknown',
    configured_bps: kbit * KBIT,
    live_bps: null,
    backlog_bytes: 0,
    drops: 0,
    ecn_marks: 0,
    saturated: null,
    tins: [],
  };
}

function direction(
  root: RootQdisc | undefined,
  before: RootQdisc | undefined,
  kbit: number,
  seconds: number,
): ShapedDirection | undefined {
  if (root === undefined) return undefined;
  return {
    device: root.device,
    qdisc: root.kind,
    configured_bps: kbit === 0 ? null : kbit * KBIT,
    live_bps: root.rateBps,
    backlog_bytes: root.backlogBytes,
    drops: root.drops,
    ecn_marks: root.ecnMarks,
    saturated: before === undefined || seconds <= 0 ? null : isSaturated(root, before, kbit, seconds),
    tins: root.tins.map((tin, i) => tinOf(tin, before?.tins[i])),
  };
}

/** cake: at 90 % of its rate, and the delay of the busiest tin rose by what is felt, or stands at cake's own target. Others: backlog and drops rise. */
function isSaturated(now: RootQdisc, before: RootQdisc, kbit: number, seconds: number): boolean {
  const moved = now.bytes - before.bytes;
  if (moved < 0) return false;
  const rateBps = now.rateBps ?? kbit * KBIT;
  if (now.tins.length === 0) return now.drops > before.drops && now.backlogBytes > 0 && now.backlogBytes >= before.backlogBytes;
  if (rateBps === 0 || (moved * 8) / seconds < FULL * rateBps) return false;
  const busiest = now.tins
    .map((tin, i) => ({ tin, was: before.tins[i], moved: tin.sentBytes - (before.tins[i]?.sentBytes ?? 0) }))
    .reduce((a, b) => (b.moved > a.moved ? b : a));
  const { avgDelayUs, targetUs } = busiest.tin;
  return avgDelayUs > (busiest.was?.avgDelayUs ?? 0) + targetUs * RISE || (targetUs > 0 && avgDelayUs >= targetUs);
}

/** cake's delays freeze at the last packet (OpenWrt's collectd script treats them the same way). */
function tinOf(tin: TinCounters, before: TinCounters | undefined): Tin {
  const idle = before === undefined ? tin.sentPackets === 0 : tin.sentPackets === before.sentPackets;
  return {
    name: tin.name,
    threshold_bps: tin.thresholdBps,
    sent_bytes: tin.sentBytes,
    sent_packets: tin.sentPackets,
    backlog_bytes: tin.backlogBytes,
    drops: tin.drops,
    ecn_marks: tin.ecnMarks,
    peak_delay_us: idle ? null : tin.peakDelayUs,
    avg_delay_us: idle ? null : tin.avgDelayUs,
    base_delay_us: idle ? null : tin.baseDelayUs,
    bulk_flows: tin.bulkFlows,
    sparse_flows: tin.sparseFlows,
  };
}
