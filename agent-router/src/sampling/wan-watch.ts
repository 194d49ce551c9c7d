// Asks the router for its WANs and counters and says what they are: throughput each tick, the link when it changes.
import type { Link } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Publisher } from '../publisher.ts';
import { type CountersReading, isDeviceName, type Router } from '../router/router.ts';
import { chooseWans, type Wan } from '../telemetry/choose-wans.ts';
import { type LineSample, lineRate } from '../telemetry/line-rate.ts';
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
  /** A link that the broker kept from an earlier start; its WAN may be gone since. */
  readonly heardOld: (wan: string, link: Link) => void;
};

type BareLink = Omit<Link, 'at'>;

export function createWanWatch({ name, bootId, router, publisher, clock, log, onReboot }: Deps): WanWatch {
  let wans: readonly Wan[] | undefined;
  let offloaded = false;
  let seq = 0;
  let uptimeS = 0;
  const before = new Map<string, LineSample>();
  const links = new Map<string, BareLink>();
  const carriers = new Map<string, boolean | null>();
  const at = (): string => new Date(clock.now()).toISOString();

  const sayLink = (wan: string, link: BareLink): void => {
    if (!isNewLink(links.get(wan), link)) return;
    links.set(wan, link);
    publisher.keep('link', { router: name, wan }, { at: at(), ...link });
  };

  const look = async (): Promise<void> => {
    const found = chooseWans(await router.interfaces());
    offloaded = (await router.hardwareOffload()) === true;
    const known = wans?.map((wan) => wan.name).join(' ');
    const now = found.map((wan) => wan.name).join(' ');
    if (known !== now)
      log.info(
        { wans: found.map(({ name: wan, l3Device, primary }) => ({ wan, l3Device, primary })) },
        found.length === 0 ? 'no WAN is up' : 'the WANs of this router',
      );
    wans = found;
    for (const wan of found) sayLink(wan.name, linkOfWan(wan, carriers.get(wan.name) ?? null));
    for (const [wan, link] of links) if (link.up && !found.some((one) => one.name === wan)) sayLink(wan, goneLink(link));
  };

  const sampleWan = (wan: Wan, reading: CountersReading): boolean => {
    const counters = reading.devices[wan.l3Device];
    if (!counters) {
      before.delete(wan.name);
      return false;
    }
    carriers.set(wan.name, reading.devices[wan.device ?? wan.l3Device]?.carrier ?? counters.carrier);
    sayLink(wan.name, linkOfWan(wan, carriers.get(wan.name) ?? null));
    const { txBytes, rxBytes, ifindex } = counters;
    const sample: LineSample = {
      device: wan.l3Device,
      ifindex,
      uptimeS: reading.uptimeS,
      clockS: reading.clockS,
      txBytes,
      rxBytes,
    };
    const last = before.get(wan.name);
    before.set(wan.name, sample);
    const rate = last === undefined ? 'reset' : lineRate(last, sample);
    if (typeof rate === 'string') return true;
    publisher.say(
      'throughput',
      { router: name, wan: wan.name },
      {
        seq: seq++,
        boot_id: bootId,
        at: at(),
        uptime_s: sample.uptimeS,
        interval_s: rate.intervalS,
        up_bps: rate.upBps,
        down_bps: rate.downBps,
        tx_bytes: txBytes,
        rx_bytes: rxBytes,
        device: wan.l3Device,
        quality: offloaded ? 'offloaded' : 'exact',
      },
    );
    return true;
  };

  return {
    look,
    wans: () => wans ?? [],
    async sample() {
      if (wans === undefined) await look();
      const now = wans ?? [];
      const devices = new Set(now.flatMap((wan) => [wan.l3Device, ...(wan.device === null ? [] : [wan.device])]));
      const reading = await router.counters([...devices].filter(isDeviceName));
      const rebooted = reading.uptimeS + 1 < uptimeS;
      uptimeS = reading.uptimeS;
      if (rebooted) {
        log.info({ uptime_s: uptimeS }, 'the router has restarted');
        onReboot();
      }
      const all = now.map((wan) => sampleWan(wan, reading));
      // A device that is gone means that the picture of the WANs is old.
      if (rebooted || all.includes(false)) await look();
    },
    heardOld(wan, { at: _, ...link }) {
      if (wans !== undefined && !links.has(wan) && link.up) {
        links.set(wan, link);
        sayLink(wan, goneLink(link));
      } else if (wans === undefined) links.set(wan, link);
    },
  };
}
