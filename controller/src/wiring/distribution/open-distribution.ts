// Distribution with everything that it needs of this home: its folders, its key, the torrent process, the routes.
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openTorrentEngine, type TorrentEngine } from '@headgate/agent-node/torrent-engine';
import type { LinkPort, TypedLink } from '@headgate/protocol';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import { type DistributionLink, runDistributionMqtt } from '../../distribution/distribution-mqtt.ts';
import type { DistributionTables } from '../../distribution/distribution-tables.ts';
import { openEverywhere } from '../../distribution/everywhere.ts';
import { openGroupStore } from '../../distribution/group-store.ts';
import { importManifests } from '../../distribution/import-manifests.ts';
import { manifestRoutes } from '../../distribution/manifest-routes.ts';
import { createNodeLeases } from '../../distribution/node-leases.ts';
import { nodeRoutes } from '../../distribution/node-routes.ts';
import { type KnownNode, type NodeTokens, openNodeTokens } from '../../distribution/node-tokens.ts';
import { createNodes, type Nodes } from '../../distribution/nodes.ts';
import { createPasskeys } from '../../distribution/passkeys.ts';
import { openQuarantines } from '../../distribution/quarantines.ts';
import { createNetworks, createReaders } from '../../distribution/readers.ts';
import { type Manifests, openManifests } from '../../distribution/sealed-manifests.ts';
import { seedRoutes } from '../../distribution/seed-routes.ts';
import { openSeedStore, type SeedStore } from '../../distribution/seed-store.ts';
import { createSeeding, type Seeding } from '../../distribution/seeding.ts';
import type { SeedingClient } from '../../distribution/seeding-client.ts';
import { createSendGate, type SendGate } from '../../distribution/send-gate.ts';
import { createSigner } from '../../distribution/sign-manifest.ts';
import { type SentAway, torrentRoutes } from '../../distribution/torrent-routes.ts';
import { createTracker } from '../../distribution/tracker.ts';
import { trackerRoutes } from '../../distribution/tracker-routes.ts';
import { runUplinkSplit } from '../../distribution/uplink-split.ts';
import { messageOf } from '../../errors.ts';
import type { Metrics } from '../../http/metrics.ts';
import type { Route } from '../../http/route.ts';
import { createListeners } from '../../listeners.ts';
import type { Log } from '../../log.ts';
import type { Happened } from '../../notify/events.ts';
import { openKeyFile } from '../../sync/key-file.ts';
import { type DistributionHealth, healthOf } from './distribution-health.ts';
import { collectDistributionMetrics } from './distribution-metrics.ts';
import { type ShownNodes, showNodes, tellEverywhere, tellQuarantined } from './show-nodes.ts';

export type OpenDistributionDeps = {
  readonly config: Config;
  readonly database: Database;
  readonly link: TypedLink;
  readonly mqtt: { readonly link: Pick<LinkPort, 'publish'> };
  /** As the budget limits it. */
  readonly seeding: SeedingClient;
  readonly tell: (event: Happened) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenDistribution = AsyncDisposable & {
  readonly routes: readonly Route[];
  /** For the budget and metrics. */
  readonly nodes: Pick<Nodes, 'all' | 'onReport'>;
  /** For Home Assistant. */
  readonly discovered: ShownNodes['discovered'];
  readonly onNames: ShownNodes['onNames'];
  health(): DistributionHealth;
  collectMetrics(metrics: Metrics): void;
  readonly knownNodes: () => readonly KnownNode[];
  readonly engine: Pick<TorrentEngine, 'limit' | 'states' | 'onChange'>;
  /** Bytes of files that go to other sites over HTTP. Answers with a function that ends it. */
  onSentAway(listener: (sent: SentAway) => void): () => void;
  /** Seeds, says and hears until the signal fires. */
  run(mqtt: DistributionLink, signal: AbortSignal): Promise<void>;
};

/** @throws ControllerError storage_failed */
export async function openDistribution(deps: OpenDistributionDeps): Promise<OpenDistribution> {
  const { config, database, clock, tell } = deps;
  const { distribution: settings } = config;
  const log = deps.log.child({ part: 'distribution' });
  await using stack = new AsyncDisposableStack();
  await tellMissing(settings.roots, log);
  const secret = await openKeyFile(join(config.database.path, 'manifest-key'), {
    of: 'manifests',
    lost: 'nodes must be told to trust the new one',
  });
  const db = database.tables<DistributionTables>();
  const versions = createListeners<[group: string]>();
  const manifests = await openManifests(await openGroupStore(db, clock.now), createSigner(secret), (name) => versions.tell(name));
  if (settings.manifestDir !== null) await importManifests(settings.manifestDir, { manifests, groups: settings.groups, log });
  const tokens = await openNodeTokens(db, clock.now);
  const nodes = createNodes(clock.now);
  const seeds = await openSeedStore(db);
  const engine = stack.use(openEngine(config, log));
  const seeding = createSeeding({ seeds, manifests, engine, roots: settings.roots, newId: randomUUID, tell, clock, log });
  const sent = createListeners<[sent: SentAway]>();
  const gate = createSendGate(clock);
  const everywhere = await openEverywhere({
    db,
    group: manifests.get,
    nodes: tokens.all,
    tell: tellEverywhere(tell),
    now: clock.now,
  });
  const quarantines = await openQuarantines({ db, tell: tellQuarantined(tell), now: clock.now });
  const clear = (topic: string): Promise<void> => deps.mqtt.link.publish(topic, '', { qos: 1, retain: true });
  const isOpen = settings.lanNetworks.length > 0;
  const shown = showNodes({ isOpen, tokens, nodes, quarantines, link: deps.link, clear, clock, log });
  const seen = { nodes: shown.ours, groups: manifests.all, seeds: seeds.all, torrents: engine.states };
  let runs = false;
  const kept = stack.move();
  return {
    routes: routesOf(deps, { manifests, tokens, nodes, shown, seeds, seeding, engine, secret, gate, sentAway: sent.tell }),
    nodes,
    discovered: shown.discovered,
    onNames: shown.onNames,
    health: () => healthOf({ runs, seeds: seeds.all(), torrents: engine.states(), nodes: shown.ours() }),
    collectMetrics: (metrics) => collectDistributionMetrics(metrics, { ...seen, onSentAway: sent.on, nowMs: clock.now }),
    knownNodes: tokens.all,
    engine,
    onSentAway: sent.on,
    async run(mqtt, signal) {
      runs = true;
      const ended = seeding.run(signal).finally(() => {
        runs = false;
      });
      await Promise.all([
        ended,
        runDistributionMqtt({ manifests, versions, nodes, everywhere, quarantines: shown, clock, log }, mqtt, signal),
        shown.run(mqtt, signal),
        runUplinkSplit(
          {
            ...{ seeding: deps.seeding, engine, gate, nodes: nodes.all, nodeOf: tokens.get, site: settings.site, clock },
            leases: createNodeLeases({ link: mqtt.link, newId: randomUUID, clock, log }),
          },
          signal,
        ),
      ]);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Parts = {
  readonly manifests: Manifests;
  readonly tokens: NodeTokens;
  readonly nodes: Nodes;
  readonly shown: ShownNodes;
  readonly seeds: SeedStore;
  readonly seeding: Seeding;
  readonly engine: TorrentEngine;
  /** Of this home. */
  readonly secret: Uint8Array;
  readonly gate: SendGate;
  readonly sentAway: (sent: SentAway) => void;
};

function routesOf({ config, clock }: OpenDistributionDeps, parts: Parts): readonly Route[] {
  const { manifests, tokens, nodes, shown, seeds, seeding, engine, secret, gate, sentAway } = parts;
  const { groups, site, lanNetworks, publicAddress, defaultGroup, waitSeedMs } = config.distribution;
  const { publicUrl } = config.http;
  const readers = createReaders({ tokens, lanNetworks, site, publicHost: publicUrl === null ? null : new URL(publicUrl).host });
  const passkeys = createPasskeys(secret);
  const tracker = createTracker({ site, publicAddress, seederOf: seederOf(engine, seeds), now: clock.monotonic });
  return [
    ...manifestRoutes({ manifests, readers, groups, publicKey: createSigner(secret).key }),
    ...nodeRoutes({ tokens, nodes, site, order: shown.order, forget: shown.forget }),
    ...seedRoutes({ seeding, seeds, groups, defaultGroup, waitSeedMs, torrents: engine.states }),
    ...torrentRoutes({ seeds, readers, passkeys, site, publicUrl, isHome: homeAddresses(config), sentAway, gate }),
    ...trackerRoutes({ tracker, seeds, tokens, passkeys, site }),
  ];
}

/** Of a disk that is not mounted, for one: no reason not to start. */
async function tellMissing(roots: readonly string[], log: Log): Promise<void> {
  if (roots.length === 0) log.warn({}, 'distribution.roots is empty: nothing can be shared');
  for (const root of roots)
    await access(root).catch((error: unknown) =>
      log.warn({ root, error: messageOf(error) }, 'a folder of distribution.roots is not there'),
    );
}

const openEngine = ({ distribution: { seederListen }, network }: Config, log: Log): TorrentEngine =>
  openTorrentEngine({
    listen: { address: seederListen.host, port: seederListen.port },
    // Peers at home are no burden to the uplink, those of a VPN are.
    freeNetworks: [...network.localRanges, ...network.vpnRanges.map((range) => `!${range}`)],
    log,
  });

/** While there is a torrent process: it has everything that is active. */
const seederOf = (engine: TorrentEngine, seeds: SeedStore) => (infoHash: string) =>
  seeds.byHash(infoHash)?.state === 'active' ? engine.listening() : null;

/** A VPN's addresses are private, but reached over the uplink. */
function homeAddresses({ network }: Config): (address: string) => boolean {
  const [isLocal, isVpn] = [createNetworks(network.localRanges), createNetworks(network.vpnRanges)];
  return (address) => isLocal(address) && !isVpn(address);
}
