// Asks the router for its WANs and counters and says what they are: throughput each tick, the link when it changes.
import type { Link } from '@headgate/protocol';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../ground/log.ts';
import type { Publisher } from '../ground/publisher.ts';
import { type CountersReading, isDeviceName, type Router } from '../router/router.ts';
import { chooseWans, type Wan } from '../telemetry/choose-wans.ts';
import { type LineRate, type LineSample, lineRate } from '../telemetry/line-rate.ts';
import { goneLink, isNewLink, linkOfWan } from '../telemetry/link-of-wan.ts';

type Deps = {
  readonly name: string;
  readonly bootId: string;
  readonly router: Router;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  /** The router's uptime fell. */
  readonly onReboot: () => void;
};

export type WanWatch = {
  /** @throws AgentError when the router cannot be asked */
  readonly sample: () => Promise<void>;
  /** Reads the dump now. @throws AgentError */
  readonly look: () => Promise<void>;
  readonly wans: () => readonly Wan[];
  /** Upload of each WAN at its last sample, bit/s. */
  readonly upBps: () => ReadonlyMap<string, number>;
  /** A link that the broker kept from an earlier start; its WAN may be gone since. */
  readonly heardOld: (wan: string, link: Link) => void;
};

const OFFLOAD_MS = 60_000;

type BareLink = Omit<Link, 'at'>;

/** What is known between two looks at the router; changed in place. */
type Known = {
  wans: readonly Wan[] | undefined;
  offloaded: boolean;
  /** When the firewall's configuration is read again; a person changes it once in years. */
  offloadAt: number;
  seq: number;
  uptimeS: number;
  readonly before: Map<string, LineSample>;
  readonly upBps: Map<string, number>;
  readonly links: Map<string, BareLink>;
  readonly carriers: Map<string, boolean | null>;
  /** What the broker kept from an earlier start, until the first look at the router. */
  readonly old: Map<string, BareLink>;
};

export function createWanWatch(deps: Deps): WanWatch {
  const known: Known = {
    wans: undefined,
    offloaded: false,
    offloadAt: Number.NEGATIVE_INFINITY,
    seq: 0,
    uptimeS: 0,
    before: new Map(),
    upBps: new Map(),
    links: new Map(),
    carriers: new Map(),
    old: new Map(),
  };
  return {
    look: () => look(deps, known),
    wans: () => known.wans ?? [],
    upBps: () => known.upBps,
    async sample() {
      if (known.wans === undefined) await look(deps, known);
      await sample(deps, known);
    },
    heardOld(wan, { at: _, ...link }) {
      // What this start has said itself comes back as well, and is newer.
      if (known.links.has(wan) || !link.up) return;
      if (known.wans === undefined) known.old.set(wan, link);
      else if (!known.wans.some((one) => one.name === wan)) sayLink(deps, known, wan, goneLink(link));
    },
  };
}

async function look(deps: Deps, known: Known): Promise<void> {
  const found = chooseWans(await deps.router.interfaces());
  if (deps.clock.monotonic() >= known.offloadAt) {
    known.offloaded = (await deps.router.hardwareOffload()) === true;
    known.offloadAt = deps.clock.monotonic() + OFFLOAD_MS;
  }
  const names = (wans: readonly Wan[] | undefined): string | undefined =>
    wans?.map((wan) => `${wan.name} on ${wan.l3Device}`).join(', ');
  if (names(known.wans) !== names(found))
    deps.log.info({ wans: names(found), first: 'primary' }, found.length === 0 ? 'no WAN is up' : 'the WANs of this router');
  known.wans = found;
  for (const wan of found) {
    // A WAN that is new is said with its first reading, which knows the cable.
    const carrier = known.carriers.get(wan.name);
    if (carrier !== undefined) sayLink(deps, known, wan.name, linkOfWan(wan, carrier));
  }
  for (const [wan, link] of [...known.old, ...known.links])
    if (link.up && !found.some((one) => one.name === wan)) sayLink(deps, known, wan, goneLink(link));
  known.old.clear();
}

async function sample(deps: Deps, known: Known): Promise<void> {
  const wans = known.wans ?? [];
  const devices = new Set(wans.flatMap((wan) => [wan.l3Device, ...(wan.device === null ? [] : [wan.device])]));
  const reading = await deps.router.counters([...devices].filter(isDeviceName));
  // A second of grace: some ways tell whole seconds only.
  const rebooted = reading.uptimeS + 1 < known.uptimeS;
  known.uptimeS = reading.uptimeS;
  if (rebooted) {
    deps.log.info({ uptime_s: reading.uptimeS }, 'the router has restarted');
    deps.onReboot();
  }
  known.upBps.clear();
  const there = wans.map((wan) => sampleWan(deps, known, wan, reading));
  // A device that is gone means that the picture of the WANs is old.
  if (rebooted || there.includes(false)) await look(deps, known);
}

/** False where the device is not there. */
function sampleWan(deps: Deps, known: Known, wan: Wan, reading: CountersReading): boolean {
  const counters = reading.devices[wan.l3Device];
  if (!counters) {
    known.before.delete(wan.name);
    known.carriers.set(wan.name, null);
    return false;
  }
  // The cable is in the device below: a PPPoE device has none of its own.
  known.carriers.set(wan.name, reading.devices[wan.device ?? wan.l3Device]?.carrier ?? counters.carrier);
  sayLink(deps, known, wan.name, linkOfWan(wan, known.carriers.get(wan.name) ?? null));
  const { txBytes, rxBytes, ifindex } = counters;
  const now: LineSample = { device: wan.l3Device, ifindex, uptimeS: reading.uptimeS, clockS: reading.clockS, txBytes, rxBytes };
  const last = known.before.get(wan.name);
  known.before.set(wan.name, now);
  const rate = last === undefined ? 'reset' : lineRate(last, now);
  if (typeof rate === 'string') return true;
  known.upBps.set(wan.name, rate.upBps);
  sayThroughput(deps, known, wan, { now, rate });
  return true;
}

function sayThroughput(
  deps: Deps,
  known: Known,
  wan: Wan,
  { now, rate }: { readonly now: LineSample; readonly rate: LineRate },
): void {
  deps.publisher.say(
    'throughput',
    { router: deps.name, wan: wan.name },
    {
      seq: known.seq++,
      boot_id: deps.bootId,
      at: new Date(deps.clock.now()).toISOString(),
      uptime_s: now.uptimeS,
      interval_s: rate.intervalS,
      up_bps: rate.upBps,
      down_bps: rate.downBps,
      tx_bytes: now.txBytes,
      rx_bytes: now.rxBytes,
      device: wan.l3Device,
      quality: known.offloaded ? 'offloaded' : 'exact',
    },
  );
}

function sayLink({ name, publisher, clock }: Deps, known: Known, wan: string, link: BareLink): void {
  if (!isNewLink(known.links.get(wan), link)) return;
  known.links.set(wan, link);
  publisher.keep('link', { router: name, wan }, { at: new Date(clock.now()).toISOString(), ...link });
}
