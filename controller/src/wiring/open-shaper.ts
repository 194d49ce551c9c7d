// The shaper's plan, opened: the configuration in its words, telemetry as its line, orders over MQTT.
import type { TypedLink } from '@headgate/protocol';
import type { Bandwidth } from '../bandwidth/bandwidth.ts';
import { ruleAt } from '../bandwidth/schedule.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Route } from '../http/route.ts';
import type { Log } from '../log.ts';
import type { Happened } from '../notify/events.ts';
import type { RuledLine, ShaperPlan } from '../shaper/line.ts';
import { shaperRoutes } from '../shaper/shaper-routes.ts';
import { createShaper } from '../shaper/shaper-service.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';
import { scheduleRules, wantedWan } from './bandwidth-of-config.ts';
import { wallTimeIn } from './wall-time.ts';

export type OpenShaperDeps = {
  readonly config: Config;
  readonly dryRun: boolean;
  readonly telemetry: Telemetry;
  readonly bandwidth: Pick<Bandwidth, 'status'>;
  readonly link: TypedLink;
  readonly tell: (event: Happened) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenShaper = AsyncDisposable & { readonly routes: readonly Route[] };

/** Rules until the signal fires, and takes back what it ordered at once then; disposing waits for that. */
export function openShaper({ config, dryRun, ...deps }: OpenShaperDeps, signal: AbortSignal): OpenShaper {
  const { telemetry, bandwidth, link, tell, clock } = deps;
  const { enabled, leaseMs } = config.shaper;
  const forbidden = (): string | null => {
    if (!enabled) return 'Shaper orders are switched off (shaper.enabled): the shaper is as its owner set it.';
    const settings = bandwidth.status().settings;
    if (!settings.enabled) return 'Headgate is switched off: the shaper is as its owner set it.';
    return dryRun || settings.dryRun ? 'Dry run: no order is sent.' : null;
  };
  const shaper = createShaper({
    rules: { leaseMs, planAt: shaperPlan(config), forbidden },
    line: () => ruledLine(telemetry, config, clock),
    send: (router, order) => link.say('shaperOrder', { router }, order),
    tell,
    clock,
    log: deps.log.child({ part: 'shaper' }),
  });
  const ending = new AbortController();
  const running = shaper.run(AbortSignal.any([signal, ending.signal]));
  return {
    routes: shaperRoutes(shaper.status),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}

/** Base rates, or those of the rule that holds. */
export function shaperPlan({ shaper, bandwidth, home }: Config): (utcMs: number) => ShaperPlan {
  const rules = scheduleRules(bandwidth.schedule);
  const clock = wallTimeIn(home.timeZone);
  const base = { upBps: shaper.uploadBps, downBps: shaper.downloadBps, rule: null };
  return (utcMs) => {
    const name = rules.length === 0 ? undefined : ruleAt(rules, clock(utcMs))?.name;
    const rule = bandwidth.schedule.find((one) => one.name === name);
    if (rule === undefined) return base;
    return { upBps: rule.shaperUpBps ?? base.upBps, downBps: rule.shaperDownBps ?? base.downBps, rule: rule.name };
  };
}

/** The primary WAN, where it is the one that the configuration names: rates of one line are not those of another that stands in for it. */
function ruledLine(telemetry: Telemetry, config: Config, clock: Clock): RuledLine | null {
  const line = telemetry.primary();
  const wanted = wantedWan(config);
  if (line === null || (wanted.router ?? line.router) !== line.router || (wanted.wan ?? line.wan) !== line.wan) return null;
  const { router, wan, heardAt, sqm } = line;
  const known = telemetry.routers().find((one) => one.router === router);
  return {
    router,
    wan,
    isOnline: known?.presence?.state !== 'offline',
    bootId: known?.presence?.boot_id ?? null,
    silentMs: heardAt === null ? null : clock.monotonic() - heardAt,
    rateOwner: sqm?.rate_owner ?? null,
    state: known?.shaper ?? null,
  };
}
