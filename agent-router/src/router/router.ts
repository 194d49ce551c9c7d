// The one interface to a router. local, ssh and ubus stand behind it and pass the same contract tests.
import { AgentError } from '../errors.ts';
import type { InterfaceDump, QueueSection } from './answers.ts';
import type { RateTool } from './rate-tool.ts';

/** Byte counters of one device, 64-bit on the router. `null` in a field: this way to the router does not say. */
export type DeviceCounters = {
  readonly txBytes: number;
  readonly rxBytes: number;
  /** Changes when a device is made anew (PPPoE reconnect). */
  readonly ifindex: number | null;
  readonly carrier: boolean | null;
};

export type CountersReading = {
  /** The router's uptime at the moment of reading; restarts at a reboot. */
  readonly uptimeS: number;
  /** The clock that times the samples: the router's own, or the agent's where the router only tells whole seconds. */
  readonly clockS: number;
  /** A device that is not there now is `null`. */
  readonly devices: Readonly<Record<string, DeviceCounters | null>>;
};

/** What UCI wants and tc says. */
export type SqmReading = {
  /** Sections of /etc/config/sqm; null where SQM is not installed. */
  readonly sections: readonly QueueSection[] | null;
  /** The answer of `tc -s -j qdisc show`, unparsed; null where tc gives no JSON (tc-tiny, old iproute2). */
  readonly qdiscs: unknown;
  /** The tool that runs and owns the rate, false where none does; null where that cannot be seen. */
  readonly rateTool: RateTool | false | null;
};

/** One change of one SQM section. kbit/s as UCI writes it; null leaves a direction alone; 0 is only ever an original going back. */
export type RateChange = { readonly section: string; readonly uploadKbit: number | null; readonly downloadKbit: number | null };

export type Board = { readonly hostname: string; readonly model: string; readonly release: string };

/** Every question has its own deadline and rejects with an AgentError. A question opens the connection when there is none. */
export type Router = AsyncDisposable & {
  readonly way: 'local' | 'ssh' | 'ubus';
  counters(devices: readonly string[]): Promise<CountersReading>;
  interfaces(): Promise<InterfaceDump>;
  board(): Promise<Board>;
  sqm(): Promise<SqmReading>;
  /** Hardware flow offloading hides traffic from the counters; null where the firewall's configuration cannot be read. */
  hardwareOffload(): Promise<boolean | null>;
  /** Sets, commits and reloads SQM once. */
  setRate(change: RateChange): Promise<void>;
};

/** Linux allows 15 characters; these are the ones netifd makes. Neither a path nor anything a shell would read otherwise. */
const DEVICE = /^(?!\.{1,2}$)[A-Za-z0-9_.@:-]{1,15}$/;
const SECTION = /^[A-Za-z0-9_]{1,64}$/;
const MOST_KBIT = 100_000_000;

export const isDeviceName = (name: string): boolean => DEVICE.test(name);

/** @throws AgentError `input_invalid`; called by each driver before a name goes anywhere near a shell. */
export function checkDevices(devices: readonly string[]): void {
  for (const device of devices)
    if (!isDeviceName(device)) throw new AgentError('input_invalid', `not a device name: ${JSON.stringify(device.slice(0, 40))}`);
}

/** @throws AgentError `input_invalid` */
export function checkRateChange({ section, uploadKbit, downloadKbit }: RateChange): void {
  if (!SECTION.test(section))
    throw new AgentError('input_invalid', `not a UCI section name: ${JSON.stringify(section.slice(0, 40))}`);
  for (const kbit of [uploadKbit, downloadKbit])
    if (kbit !== null && (!Number.isInteger(kbit) || kbit < 0 || kbit > MOST_KBIT))
      throw new AgentError('input_invalid', `not a rate in kbit/s: ${kbit}`);
}
