// Home Assistant's discovery, fed from what telemetry and configuration know.
import { builtInAllocators } from '../bandwidth/allocators/built-in.ts';
import type { Mqtt } from '../broker/open-mqtt.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { runPublisher } from '../home-assistant/publisher.ts';
import type { Log } from '../log.ts';
import { EVENT_TYPES } from '../notify/events.ts';
import type { Telemetry } from '../telemetry/telemetry-service.ts';
import type { OpenDistribution } from './distribution/open-distribution.ts';
import type { HomeUsage } from './open-usage.ts';
import type { OpenSync } from './sync/open-sync.ts';
import type { Television } from './television/open-television.ts';
import { VERSION } from './version.ts';

export type AnnounceDeps = { readonly config: Config; readonly clock: Clock; readonly log: Log };
export type Announced = {
  readonly mqtt: Mqtt;
  readonly telemetry: Telemetry;
  readonly usage: Pick<HomeUsage, 'discovered'>;
  readonly television: Pick<Television, 'discovered' | 'onNames'> | null;
  readonly sync: Pick<OpenSync, 'discovered'> | null;
  readonly distribution: Pick<OpenDistribution, 'discovered' | 'onNames'> | null;
  readonly sayStates: () => void;
};

/** Runs until the signal fires; resolves at once where it is switched off. */
export async function announceToHomeAssistant(
  { config, clock, log }: AnnounceDeps,
  { mqtt, telemetry, usage, television, sync, distribution, sayStates }: Announced,
  signal: AbortSignal,
): Promise<void> {
  if (!config.homeAssistant.enabled) return;
  const { baseTopic: base } = config.mqtt;
  const wansOf = (router: string): string[] =>
    telemetry
      .wans()
      .filter((wan) => wan.router === router)
      .map(({ wan }) => wan);
  await runPublisher(
    {
      port: mqtt.link,
      input: () => ({
        base,
        prefix: config.homeAssistant.discoveryPrefix,
        homeName: config.home.name,
        version: VERSION,
        url: config.http.publicUrl,
        algorithms: Object.keys(builtInAllocators),
        eventTypes: EVENT_TYPES,
        usage: usage.discovered,
        routers: telemetry
          .routers()
          .map(({ router, presence }) => ({ router, version: presence?.version ?? null, wans: wansOf(router) })),
        channels: television?.discovered() ?? [],
        sync: sync?.discovered ?? null,
        nodes: distribution?.discovered() ?? [],
        hasShadow: config.rehearsal.shadow !== null,
      }),
      onChange(listener) {
        const ends = [telemetry.onNames(listener), television?.onNames(listener), distribution?.onNames(listener)];
        return () => {
          for (const end of ends) end?.();
        };
      },
      sayStates,
      clock,
      log: log.child({ part: 'home-assistant' }),
      random: Math.random,
    },
    signal,
  );
}
