// What the router answers, checked at the door: netifd's dump, UCI's sqm and firewall, /proc/uptime. Pure.
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';

const address = z.object({ address: z.string(), mask: z.optional(z.number()) });

/** netifd's `network.interface dump`. A down interface has only the first five keys, proto, device, data and errors (facts/openwrt.md §1). */
const interfaceStatus = z.object({
  interface: z.string(),
  up: z.boolean(),
  uptime: z.optional(z.number()),
  l3_device: z.optional(z.string()),
  device: z.optional(z.string()),
  proto: z.optional(z.string()),
  metric: z.optional(z.number()),
  'ipv4-address': z.optional(z.array(address)),
  'ipv6-address': z.optional(z.array(address)),
  'ipv6-prefix': z.optional(z.array(address)),
  route: z.optional(z.array(z.object({ target: z.string(), mask: z.number(), metric: z.optional(z.number()) }))),
  errors: z.optional(z.array(z.object({ subsystem: z.optional(z.string()), code: z.optional(z.string()) }))),
});
export type InterfaceStatus = z.infer<typeof interfaceStatus>;
const interfaceDump = z.object({ interface: z.array(interfaceStatus) });
export type InterfaceDump = readonly InterfaceStatus[];

/** @throws AgentError `bad_answer` */
export const parseDump = (value: unknown): InterfaceDump => check('network.interface dump', interfaceDump, value).interface;

const board = z.object({
  hostname: z.optional(z.string()),
  model: z.optional(z.string()),
  release: z.optional(
    z.object({ description: z.optional(z.string()), distribution: z.optional(z.string()), version: z.optional(z.string()) }),
  ),
});
export function parseBoard(value: unknown): { hostname: string; model: string; release: string } {
  const { hostname, model, release } = check('system board', board, value);
  const named = [release?.distribution, release?.version].filter((part) => part !== undefined).join(' ');
  return { hostname: hostname ?? '', model: model ?? '', release: release?.description ?? named };
}

/** One `queue` section of /etc/config/sqm. Every UCI value is a string; unknown options stay with the router. */
export type QueueSection = {
  readonly name: string;
  readonly enabled: boolean;
  /** A device, not a logical name. */
  readonly device: string;
  /** kbit/s; 0 is "not shaped". */
  readonly uploadKbit: number;
  readonly downloadKbit: number;
};

const MOST_SECTIONS = 64;

/** The `values` of `uci get {config:"sqm"}` over ubus: sections by name. */
export function queueSections(values: unknown): readonly QueueSection[] {
  const sections = check('uci get sqm', z.record(z.string(), z.record(z.string(), z.unknown())), values);
  return Object.entries(sections)
    .slice(0, MOST_SECTIONS)
    .filter(([, section]) => section['.type'] === 'queue')
    .map(([name, section]) => ({
      name,
      enabled: section['enabled'] === '1',
      device: String(section['interface'] ?? ''),
      uploadKbit: kbit(section['upload']),
      downloadKbit: kbit(section['download']),
    }));
}

const kbit = (text: unknown): number => {
  const value = Number.parseInt(String(text ?? ''), 10);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
};

/** `uci show PACKAGE` (lines `sqm.eth1.upload='10000'`) in the form of ubus: sections by name, options as strings. */
export function uciShow(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = Object.create(null);
  for (const line of text.split('\n')) {
    const [, name = '', option, value = ''] = /^[\w-]+\.(@?[\w[\]-]+)(?:\.([\w-]+))?=(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    sections[name] ??= Object.create(null) as Record<string, string>;
    const section = sections[name];
    // UCI quotes values with '…', and writes a quote inside as '\''.
    if (section) section[option ?? '.type'] = value.replace(/^'([\s\S]*)'$/, '$1').replaceAll("'\\''", "'");
  }
  return sections;
}

/** `firewall.@defaults[0].flow_offloading_hw` works only with `flow_offloading` on. */
export function offloadOf(values: unknown): boolean {
  const sections = check('uci get firewall', z.record(z.string(), z.record(z.string(), z.unknown())), values);
  return Object.values(sections).some(
    (section) => section['.type'] === 'defaults' && section['flow_offloading'] === '1' && section['flow_offloading_hw'] === '1',
  );
}

/** procd's `service list`: true where an instance of that service runs. */
export function serviceRuns(value: unknown, name: string): boolean {
  const services = check(
    'service list',
    z.record(z.string(), z.looseObject({ instances: z.optional(z.record(z.string(), z.unknown())) })),
    value,
  );
  return Object.values(services[name]?.instances ?? {}).some(
    (instance) => typeof instance === 'object' && instance !== null && 'running' in instance && instance.running === true,
  );
}

/** First number of /proc/uptime: seconds with two decimals. */
export function parseUptime(text: string): number {
  const seconds = Number.parseFloat(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new AgentError('bad_answer', 'the router gave no uptime');
  return seconds;
}

/** @throws AgentError `bad_answer` naming the call and the path that is wrong. */
export function check<Schema extends z.ZodMiniType>(what: string, schema: Schema, value: unknown): z.infer<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AgentError('bad_answer', `${what}: ${(issue?.path ?? []).map(String).join('.')}: ${issue?.message ?? 'invalid'}`);
}

/** @throws AgentError `bad_answer` */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AgentError('bad_answer', `${what}: the answer is not JSON`, { cause });
  }
}
