// A router reached by commands, whether spawned here (local) or asked of a shell (ssh): ubus, uci, tc and the SQM init script.
import { AgentError } from '../errors.ts';
import { offloadOf, parseBoard, parseDump, parseJson, queueSections, uciShow } from './answers.ts';
import type { RateTool } from './rate-tool.ts';
import { type CountersReading, checkDevices, checkRateChange, type RateChange, type Router, type SqmReading } from './router.ts';

/** Runs one program of the router; never a shell string. Rejects only when the router cannot be asked. */
export type RunCommand = (argv: readonly [string, ...string[]]) => Promise<{ readonly code: number; readonly stdout: string }>;

type CommandWay = AsyncDisposable & {
  readonly way: 'local' | 'ssh';
  readonly run: RunCommand;
  readonly counters: (devices: readonly string[]) => Promise<CountersReading>;
  readonly rateTool: () => Promise<RateTool | false>;
};

/** BusyBox shells say 127 for a program that is not there. */
const NO_PROGRAM = 127;
const QDISCS = ['-s', '-j', 'qdisc', 'show'] as const;

export function createCommandRouter(way: CommandWay): Router {
  const { run } = way;
  return {
    way: way.way,
    async counters(devices) {
      checkDevices(devices);
      return await way.counters(devices);
    },
    interfaces: async () => parseDump(await ubus(run, 'network.interface', 'dump')),
    board: async () => parseBoard(await ubus(run, 'system', 'board')),
    sqm: () => readSqm(way),
    async hardwareOffload() {
      const { code, stdout } = await run(['uci', '-q', 'show', 'firewall']);
      return code === 0 ? offloadOf(uciShow(stdout)) : null;
    },
    setRate: (change) => setRate(run, change),
    [Symbol.asyncDispose]: () => way[Symbol.asyncDispose](),
  };
}

async function ubus(run: RunCommand, object: string, method: string): Promise<unknown> {
  const { code, stdout } = await run(['ubus', 'call', object, method]);
  if (code === NO_PROGRAM) throw new AgentError('bad_answer', 'no ubus on that machine: is it an OpenWrt router?');
  // The command line tool ends with the ubus status as its exit code; 6 is "permission denied".
  if (code === 6) throw new AgentError('denied', `ubus ${object} ${method} is not granted to this user`);
  if (code !== 0) throw new AgentError('bad_answer', `ubus call ${object} ${method} ended with ${code}`);
  return parseJson(`ubus call ${object} ${method}`, stdout);
}

async function readSqm({ run, rateTool }: CommandWay): Promise<SqmReading> {
  const uci = await run(['uci', '-q', 'show', 'sqm']);
  const atSbin = await run(['/sbin/tc', ...QDISCS]);
  const tc = atSbin.code === NO_PROGRAM ? await run(['tc', ...QDISCS]) : atSbin;
  return {
    sections: uci.code === 0 ? queueSections(uciShow(uci.stdout)) : null,
    qdiscs: tc.code === 0 ? jsonOrNull(tc.stdout) : null,
    rateTool: await rateTool(),
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function setRate(run: RunCommand, change: RateChange): Promise<void> {
  checkRateChange(change);
  const { section, uploadKbit, downloadKbit } = change;
  const must = async (argv: [string, ...string[]]): Promise<void> => {
    const { code } = await run(argv);
    if (code !== 0) throw new AgentError('bad_answer', `${argv.slice(0, 2).join(' ')} ended with ${code}`);
  };
  try {
    if (uploadKbit !== null) await must(['uci', 'set', `sqm.${section}.upload=${uploadKbit}`]);
    if (downloadKbit !== null) await must(['uci', 'set', `sqm.${section}.download=${downloadKbit}`]);
    await must(['uci', 'commit', 'sqm']);
  } catch (error) {
    // Half a change must not wait in /tmp/.uci for somebody else's commit.
    await run(['uci', '-q', 'revert', 'sqm']);
    throw error;
  }
  // The command line's commit starts no reload, unlike rpcd's.
  await must(['/etc/init.d/sqm', 'reload']);
}
