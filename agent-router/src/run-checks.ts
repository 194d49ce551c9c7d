// --test: what must work for a router agent.
import { AgentError } from './errors.ts';
import { type Check, checkBroker, runEach } from './ground/checks.ts';
import type { Clock } from './ground/clock.ts';
import type { MqttPort } from './ground/mqtt-port.ts';
import type { Router } from './router/router.ts';
import { chooseWans, type Wan } from './telemetry/choose-wans.ts';
import { sectionOf, sqmOfWan } from './telemetry/sqm-of-wan.ts';
import { rootQdiscs } from './telemetry/sqm-parse.ts';

type Deps = {
  readonly router: Router;
  readonly openPort: () => MqttPort;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
};

/** True when every check passed. The configuration is the check before these: without it nothing can be asked. */
export async function runChecks({ router, openPort, clock, signal, print }: Deps): Promise<boolean> {
  let wans: readonly Wan[] = [];
  const checks: readonly Check[] = [
    {
      name: 'router',
      run: () => router.board().then(({ model, release }) => `reached by ${router.way}: ${model || 'unknown model'}, ${release}`),
    },
    {
      name: 'wan',
      run: async () => {
        wans = chooseWans(await router.interfaces());
        if (wans.length === 0) throw new AgentError('bad_answer', 'no interface with a default route is up');
        return wans.map(({ name, l3Device, primary }) => `${name} on ${l3Device}${primary ? ' (primary)' : ''}`).join(', ');
      },
    },
    { name: 'counters', run: () => checkCounters(router, wans) },
    { name: 'sqm', run: () => checkSqm(router, wans) },
    { name: 'mqtt', run: () => checkBroker(openPort, clock, signal) },
  ];
  return runEach(checks, clock, print);
}

async function checkCounters(router: Router, wans: readonly Wan[]): Promise<string> {
  if (wans.length === 0) throw new AgentError('bad_answer', 'there is no WAN to count');
  const { devices } = await router.counters(wans.map((wan) => wan.l3Device));
  const gone = wans.filter((wan) => !devices[wan.l3Device]);
  if (gone.length > 0) throw new AgentError('bad_answer', `no counters for ${gone.map((wan) => wan.l3Device).join(', ')}`);
  const offload = await router.hardwareOffload();
  return offload ? 'read, but hardware offloading hides traffic from them' : 'read';
}

async function checkSqm(router: Router, wans: readonly Wan[]): Promise<string> {
  const { sections, qdiscs, rateTool } = await router.sqm();
  if (sections === null) return 'not installed; monitoring works without it';
  const roots = rootQdiscs(qdiscs);
  if (roots === undefined) return 'installed, but tc gives no JSON: only the configured rates are known';
  const told = wans.map((wan) => {
    if (sectionOf(wan, sections) === undefined) return `${wan.name} has no section`;
    const { enabled, up, down, rate_owner } = sqmOfWan(wan, { clockS: 0, sections, roots, rateTool }, undefined, false);
    if (!enabled) return `${wan.name} is switched off`;
    const mbit = (bps: number | null | undefined): string => (bps ? `${bps / 1e6} Mbit/s` : 'unshaped');
    return `${wan.name} ${up?.qdisc ?? 'no qdisc'}, up ${mbit(up?.live_bps ?? up?.configured_bps)}, down ${mbit(down?.live_bps ?? down?.configured_bps)} by ${rate_owner}`;
  });
  return told.join(', ') || 'installed';
}
