// For `--test distribution`: folders, seeder, addresses and the key, each in one line.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTorrentEngine } from '@headgate/agent-node/torrent-engine';
import type { Config } from '../config/config-schema.ts';
import { createNetworks } from '../distribution/readers.ts';
import { createSigner } from '../distribution/sign-manifest.ts';
import { ControllerError, messageOf } from '../errors.ts';
import { isLoopback } from '../http/client-address.ts';
import { openKeyFile } from '../sync/key-file.ts';
import { askInstance } from './control-socket.ts';
import type { CheckDeps } from './hear-router.ts';

export type DistributionLine = { readonly name: string; readonly run: (signal: AbortSignal) => Promise<string> };

/** Nothing where it is switched off. */
export const distributionLines = (deps: CheckDeps): readonly DistributionLine[] =>
  deps.config.distribution.enabled
    ? [
        { name: 'distribution.roots', run: () => rootsLine(deps.config) },
        { name: 'distribution.seeder_listen', run: () => listenLine(deps.config) },
        { name: 'distribution: torrents', run: (signal) => torrentsLine(deps, signal) },
        { name: 'distribution.public_address', run: async () => publicLine(deps.config) },
        { name: 'distribution: key', run: () => keyLine(deps.config) },
      ]
    : [];

const wrong = (message: string): ControllerError => new ControllerError('config_invalid', message);

async function rootsLine({ distribution: { roots } }: Config): Promise<string> {
  if (roots.length === 0) return 'it is empty: no file of this machine can be shared, only manifests that are posted';
  const problems = await Promise.all(roots.map(rootProblem));
  const found = problems.filter((problem) => problem !== null);
  if (found.length > 0) throw wrong(found.join('; '));
  return `${roots.join(', ')} can be read`;
}

async function rootProblem(root: string): Promise<string | null> {
  try {
    if (!(await stat(root)).isDirectory()) return `${root} is no folder`;
    await access(root, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing ? `${root} is not there: is its disk mounted?` : `${root} cannot be read by this user`;
  }
}

const isRunning = async ({ database }: Config): Promise<boolean> => (await askInstance(database.path, 'status'))?.ok === true;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'is not allowed to this user: ports below 1024 are the system’s',
};

async function listenLine(config: Config): Promise<string> {
  const { host, port } = config.distribution.seederListen;
  const at = `${host}:${port}`;
  if (await isRunning(config)) return `a Headgate is running; ${at} is its own`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(wrong(`${at} ${REASONS[error.code ?? ''] ?? messageOf(error)}`)),
    );
    server.listen({ host, port }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
  return isLoopback(host)
    ? `${at} is free; nodes on other machines take the web seed, since only this one reaches it`
    : `${at} is free`;
}

/** Hashes this very file: it needs the torrent process, and nothing of the home. */
async function torrentsLine({ config, log }: CheckDeps, signal: AbortSignal): Promise<string> {
  const { host } = config.distribution.seederListen;
  await using engine = openTorrentEngine({ listen: { address: host, port: 0 }, log });
  const { infoHash } = await engine.hash(fileURLToPath(import.meta.url), { announce: [] }, () => {}, signal);
  return `the torrent process starts and hashes (${infoHash.slice(0, 8)}…)`;
}

/** RFC 1918, 6598 and 3927, and their likes of IPv6. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'];

function publicLine({ distribution, http: { publicUrl }, network }: Config): string {
  const { publicAddress, seederListen } = distribution;
  const url = publicUrl === null ? null : new URL(publicUrl);
  if (url !== null && (url.hostname === 'localhost' || isLoopback(url.hostname.replace(/^\[|\]$/g, ''))))
    throw wrong(`http.public_url ${publicUrl} leads nodes to their own machine`);
  const web =
    url === null
      ? 'http.public_url is not set, so nodes are led to the address at which they came'
      : url.protocol === 'https:'
        ? `nodes come to ${url.origin}`
        : `nodes come to ${url.origin}, where their tokens are not encrypted`;
  if (publicAddress === null) return `none: other sites are told of no peer here and take the web seed; ${web}`;
  if (isLoopback(publicAddress)) throw wrong(`${publicAddress} is this machine itself; no other site reaches it`);
  if (isLoopback(seederListen.host))
    throw wrong(
      `${publicAddress} is told to other sites, but the seeder listens at ${seederListen.host} (distribution.seeder_listen)`,
    );
  const isPrivate = createNetworks(PRIVATE)(publicAddress) && !createNetworks(network.vpnRanges)(publicAddress);
  const told = isPrivate ? `${publicAddress} is private: only sites that this network is joined with reach it` : publicAddress;
  return `${told}, port ${seederListen.port}; ${web}`;
}

async function keyLine({ database: { path } }: Config): Promise<string> {
  const file = join(path, 'manifest-key');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  // To look must not make one.
  if (!isThere) return `${file} is not there yet; the first start makes it`;
  const secret = await openKeyFile(file, { of: 'manifests', lost: 'nodes must be told to trust the new one' });
  return `manifests.public_key of nodes is ${createSigner(secret).key}`;
}
