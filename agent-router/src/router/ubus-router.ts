// The router over HTTP: netifd's counters, UCI and tc by a least-privilege rpcd login.
import * as z from 'zod/mini';
import { AgentError, isCode } from '../errors.ts';
import type { TlsChoice } from '../ground/open-socket.ts';
import { check, offloadOf, parseBoard, parseDump, parseUptime, queueSections, serviceRuns } from './answers.ts';
import { CAKE_AUTORATE_FOLDER, RATE_TOOLS } from './rate-tool.ts';
import { checkDevices, checkRateChange, type DeviceCounters, type RateChange, type Router, type SqmReading } from './router.ts';
import type { UbusAnswer, UbusCall } from './ubus-http.ts';
import { createUbusSession, type UbusSession, wantedValue } from './ubus-session.ts';

type UbusOptions = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly tls: TlsChoice;
};

const EXEC_MS = 9_500;
const INVALID_ARGUMENT = 2;
const NOT_FOUND = 4;

const deviceStatus = z.object({
  carrier: z.optional(z.boolean()),
  statistics: z.object({ tx_bytes: z.number(), rx_bytes: z.number() }),
});
const systemInfo = z.object({ uptime: z.number() });
const fileData = z.object({ data: z.string() });
const uciValues = z.object({ values: z.unknown() });
const folderEntries = z.object({ entries: z.array(z.object({ name: z.optional(z.string()) })) });
const execResult = z.object({ code: z.number(), stdout: z.optional(z.string()) });

const on = (object: string, method: string, args: UbusCall['args'] = {}): UbusCall => ({ object, method, args });
const UPTIME = on('file', 'read', { path: '/proc/uptime' });
const QDISCS = on('file', 'exec', { command: '/sbin/tc', params: ['-s', '-j', 'qdisc', 'show'] });

/** @param monotonicMs times the samples where the router does not let us read /proc/uptime: `system info` only has whole seconds. */
export function createUbusRouter({ url, username, password, tls }: UbusOptions, monotonicMs: () => number): Router {
  const session = createUbusSession({ url: new URL(url), tls }, { username, password });
  const ask = (object: string, method: string, args?: UbusCall['args']): Promise<unknown> =>
    session.call(on(object, method, args));
  return {
    way: 'ubus',
    async counters(devices) {
      checkDevices(devices);
      const calls = devices.map((name) => on('network.device', 'status', { name }));
      const [fine, ...statuses] = await session.callAll([UPTIME, ...calls]);
      const found: Record<string, DeviceCounters | null> = {};
      for (const [i, name] of devices.entries()) found[name] = counterOf(calls[i], statuses[i], username);
      if (fine?.kind === 'ok') {
        const uptimeS = parseUptime(check('file read /proc/uptime', fileData, fine.value).data);
        return { uptimeS, clockS: uptimeS, devices: found };
      }
      const clockS = monotonicMs() / 1000;
      return { uptimeS: check('system info', systemInfo, await ask('system', 'info')).uptime, clockS, devices: found };
    },
    interfaces: async () => parseDump(await ask('network.interface', 'dump')),
    board: async () => parseBoard(await ask('system', 'board')),
    sqm: () => readSqm(session, username),
    hardwareOffload: async () => {
      const values = await granted(ask('uci', 'get', { config: 'firewall' }));
      return values === null ? null : offloadOf(check('uci get firewall', uciValues, values).values);
    },
    setRate: (change) => setRate(session, change),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

function counterOf(call: UbusCall | undefined, answer: UbusAnswer | undefined, username: string): DeviceCounters | null {
  // A name that no device has is an invalid argument to netifd.
  if (answer?.kind === 'status' && (answer.status === INVALID_ARGUMENT || answer.status === NOT_FOUND)) return null;
  const status = check(
    'network.device status',
    deviceStatus,
    wantedValue(call ?? on('network.device', 'status'), answer, username),
  );
  return {
    txBytes: status.statistics.tx_bytes,
    rxBytes: status.statistics.rx_bytes,
    ifindex: null,
    carrier: status.carrier ?? null,
  };
}

async function readSqm(session: UbusSession, username: string): Promise<SqmReading> {
  const uciCall = on('uci', 'get', { config: 'sqm' });
  const services = RATE_TOOLS.map((name) => on('service', 'list', { name }));
  const folder = on('file', 'list', { path: CAKE_AUTORATE_FOLDER });
  const [uci, tc, listed, ...running] = await session.callAll([uciCall, QDISCS, folder, ...services], EXEC_MS);
  // No /etc/config/sqm is "not found": SQM is not installed, and that is no error.
  const installed = !(uci?.kind === 'status' && uci.status === NOT_FOUND);
  return {
    sections: installed ? queueSections(check('uci get sqm', uciValues, wantedValue(uciCall, uci, username)).values) : null,
    qdiscs: tc?.kind === 'ok' ? qdiscsOf(tc.value) : null,
    rateTool: rateToolOf(listed, running),
  };
}

function qdiscsOf(value: unknown): unknown {
  const { code, stdout } = check('file exec tc', execResult, value);
  try {
    return code === 0 ? JSON.parse(stdout ?? '') : null;
  } catch {
    return null;
  }
}

/**
 * The run folder shows cake-autorate however it was started, procd only services; where neither may be looked at: unknown. A folder that a kill
 * left behind counts as a tool that runs, since this login cannot look at processes: procd starts the tool again, and its next end removes it.
 */
function rateToolOf(folder: UbusAnswer | undefined, services: readonly UbusAnswer[]): SqmReading['rateTool'] {
  const inFolder =
    folder?.kind === 'ok'
      ? check('file list', folderEntries, folder.value).entries.some(({ name }) => !name?.startsWith('.'))
      : null;
  const asService = RATE_TOOLS.find((name, i) => {
    const service = services[i];
    return service?.kind === 'ok' && serviceRuns(service.value, name);
  });
  if (inFolder) return 'cake-autorate';
  if (asService !== undefined) return asService;
  const isSeen =
    inFolder === false ||
    (folder?.kind === 'status' && folder.status === NOT_FOUND) ||
    services.some(({ kind }) => kind === 'ok');
  return isSeen ? false : null;
}

async function setRate(session: UbusSession, change: RateChange): Promise<void> {
  checkRateChange(change);
  const { section, uploadKbit, downloadKbit } = change;
  const values: Record<string, string> = {};
  if (uploadKbit !== null) values['upload'] = String(uploadKbit);
  if (downloadKbit !== null) values['download'] = String(downloadKbit);
  await session.call(on('uci', 'set', { config: 'sqm', section, values }));
  // rpcd's commit tells procd `config.change`, and sqm's init script reloads on that: a reload of our own would be a second one.
  await session.call(on('uci', 'commit', { config: 'sqm' }), EXEC_MS);
}

/** null where the grant is missing. */
async function granted(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isCode(error, 'denied')) return null;
    if (error instanceof AgentError && error.message.includes('ubus status 4')) return null;
    throw error;
  }
}
