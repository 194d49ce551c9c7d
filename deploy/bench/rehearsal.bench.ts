// A recorded day replayed by the command as it is shipped, what recording it costs, and one decision of a hundred servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freshSeed } from '../../controller/test/fixtures/seeded-random.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { decisionTimes } from './decision-times.ts';
import { tenth } from './figures.ts';
import { freshBuild } from './fresh-build.ts';
import { p95 } from './p95.ts';
import { DAY_S, recordDay } from './recorded-day.ts';

const name = 'rehearsal';
const START_UTC = Date.UTC(2026, 10, 20);
const MB = 1_000_000;
const HUNDRED = { servers: 100, usersEach: 50, sessionsEach: 50, turns: 60, rememberedCaps: 1, of: 'decision' } as const;

export const bench: Bench = {
  name,
  async lines() {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'headgate-day-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const built = stack.use(await freshBuild());
    const seed = freshSeed();
    const day = await recordDay(join(folder, 'recordings'), START_UTC, seed);
    const replay = await replayDay(join(built.folder, 'controller.js'), folder);
    const cost = (day.cpuMs / (DAY_S * 1_000)) * 100;
    const recorded = `a day at 1 s (20 users, up to 6 streams, 2 clients, seed ${seed})`;
    return [
      judge({ name, line: `turns of ${recorded}, replayed`, value: replay.turns, unit: 'turns' }, { atLeast: DAY_S }),
      judge({ name, line: 'of these, decided otherwise than recorded', value: replay.otherwise, unit: 'turns' }, { atMost: 0 }),
      judge(
        { name, line: 'replay of that day, process start to answer', value: tenth(replay.ms / 1_000), unit: 's' },
        { atMost: 10 },
      ),
      judge({ name, line: 'its peak memory', value: Math.round(replay.peakMb), unit: 'MB' }, { atMost: 400 }),
      judge({ name, line: 'bytes of that day', value: tenth(day.bytes / MB), unit: 'MB' }, { atMost: 20 }),
      judge({ name, line: 'recording it, of one core', value: Math.round(cost * 1_000) / 1_000, unit: '%' }, { atMost: 1 }),
      await hundredServers(),
    ];
  },
};

type Replayed = { readonly ms: number; readonly peakMb: number; readonly turns: number; readonly otherwise: number };

async function replayDay(controller: string, folder: string): Promise<Replayed> {
  const [now, other] = [join(folder, 'controller.yaml'), join(folder, 'other.yaml')];
  await writeFile(now, `database: { path: ${folder} }\nhome: { time_zone: UTC }\n`);
  await writeFile(other, 'bandwidth: { algorithm: equal }\nuplink: { reserve: 25% }\nhome: { time_zone: UTC }\n');
  const span = ['--from', new Date(START_UTC).toISOString().slice(0, 19), '--to', '2026-11-22'];
  const from = performance.now();
  const child = spawn(process.execPath, [controller, '--config', now, '--rehearse', other, ...span, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let peakMb = 0;
  const looking = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid ?? 0));
  }, 50);
  const [[code], answer] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
  const ms = performance.now() - from;
  clearInterval(looking);
  if (code !== 0) throw new Error(`the rehearsal ended with ${String(code)}: ${answer}`);
  const { turns, decided_otherwise: otherwise } = JSON.parse(answer) as { turns: number; decided_otherwise: number };
  return { ms, peakMb, turns, otherwise };
}

/** The most memory that a process ever had, MB (VmHWM of proc(5)); 0 where it has just ended. */
function peakOf(pid: number): number {
  try {
    return (Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024) / MB;
  } catch {
    return 0;
  }
}

async function hundredServers(): Promise<BenchLine> {
  const times = await decisionTimes(HUNDRED);
  const { servers, sessionsEach } = HUNDRED;
  const line = `gathering and deciding over ${servers} servers × ${sessionsEach} sessions, CPU time, p95 of ${times.length}`;
  return judge({ name, line, value: tenth(p95(times)), unit: 'ms' }, { atMost: 50 });
}
