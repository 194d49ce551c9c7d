// Pure: who may import whom (design.md, "How data flows" and house rules 2 and 3), as a list of rules over parsed files.
import type { Import, Source } from './read-source.ts';

/** A rule says what is wrong with an import, or undefined. */
type ImportRule = (source: Source, imported: Import) => string | undefined;

/** Adapters to products, and the ground that features stand on. A folder that is not in this list is a feature. */
const SURROUNDINGS = [
  ...['jellyfin', 'plex', 'qbittorrent', 'transmission', 'deluge', 'sabnzbd', 'ffmpeg', 'database', 'broker'],
  ...['http', 'http-client', 'neighbours', 'config', 'logging'],
];
/** Features do the work that the user sees. Each declares what it needs; none knows another, nor a product. */
const isFeature = (part: string | undefined): boolean => part !== undefined && !SURROUNDINGS.includes(part);
/**
 * What every part of the controller may import; `neighbours/` says once what a media server and a download client are, to those who adapt and those who use,
 * `on-air/` what a channel's picture and plan are, to those who plan it, play it and speak to ffmpeg.
 */
const GROUND =
  /^controller\/src\/(errors|log|clock|listeners|listen-at)\.ts$|^controller\/src\/http\/route\.ts$|^controller\/src\/(neighbours|on-air)\//;
/** What adapters and the ground may import besides: the way to a product, and the key to it. */
const ADAPTER_GROUND = /^controller\/src\/(http-client\/|config\/secret\.ts$)/;
/** Knows everything. What grew out of run-controller.ts lies in its folder. */
const WIRING = /^controller\/src\/(main\.ts|run-controller\.ts|wiring\/)/;
/** Only what wires a program may use many files; the topic table and that of migrations are lists by nature. Types and the ground do not count. */
const MAY_USE_MANY =
  /(^|\/)run-controller\.ts$|^controller\/src\/(wiring|database\/migrations)\/|^agent-[a-z]+\/src\/(main|agent)\.ts$|^protocol\/src\/topics\.ts$/;
const MAX_USED_FILES = 8;
/** All of agent-node that anybody else may import: the opener of the torrent process, and its types. */
const TORRENT_ENGINE = '@headgate/agent-node/torrent-engine';
/** All of agent-router that anybody else may import: what every agent stands on (agent-router/src/ground/). */
const AGENT_GROUND = '@headgate/agent-router/agent-ground';
const GROUND_FOLDER = 'agent-router/src/ground/';

const partOf = (path: string): string | undefined => /^controller\/src\/([^/]+)\//.exec(path)?.[1];
const workspaceOf = (path: string): string | undefined => /^([^/]+)\/(?:src|web)\//.exec(path)?.[1];
/** `bandwidth/bandwidth-api.ts`, `channels/schedules-api.ts`: what a feature shows to the web. What opens a foreign API is none. */
const isApi = (path: string): boolean => /^controller\/src\/[^/]+\/(?!open-)[a-z-]+-api\.ts$/.test(path);
/** Said in a file's first line: it begins with "Pure:", or has the sentence "Pure." */
const isPure = (source: Source): boolean => /^\/\/ pure:|\. Pure\.(\s|$)/i.test(source.firstLine);

const staysInWorkspace: ImportRule = ({ path }, { target, specifier }) => {
  const own = workspaceOf(path);
  if (own === undefined) return undefined;
  if (target !== null && workspaceOf(target) !== own)
    return `${own} imports ${target}: what runs imports its own workspace and @headgate/protocol only`;
  // Its seeder is the nodes' torrent engine; the rest of a node is none of its business.
  if (own === 'controller' && specifier === TORRENT_ENGINE) return undefined;
  if (own === 'agent-node' && specifier === AGENT_GROUND) return undefined;
  const other = /^@headgate\/([^/]+)/.exec(specifier)?.[1];
  return other !== undefined && (other !== 'protocol' || own === 'protocol') ? `${own} imports ${specifier}` : undefined;
};

const staysSmall: ImportRule = ({ path }, { specifier, target }) => {
  const own = workspaceOf(path);
  if (own === 'protocol' && target === null && specifier !== 'zod/mini')
    return `protocol imports ${specifier}: only zod/mini is allowed`;
  return own?.startsWith('agent-') && /^zod$|^zod\/(?!mini$)/.test(specifier)
    ? `an agent imports ${specifier}: zod/mini keeps its bundle small`
    : undefined;
};

/** Another agent takes it whole, and a router's own parts must not come with it. */
const groundStandsAlone: ImportRule = ({ path }, { target, specifier }) => {
  if (!path.startsWith(GROUND_FOLDER)) return undefined;
  return target === null
    ? specifier === 'ssh2'
      ? 'the ground of all agents imports ssh2'
      : undefined
    : target.startsWith(GROUND_FOLDER)
      ? undefined
      : `the ground of all agents imports ${target}`;
};

/** All else builds, starts and passes its tests where webtorrent would not install. */
const torrentsStayApart: ImportRule = ({ path }, { specifier }) =>
  specifier === 'webtorrent' && workspaceOf(path) !== undefined && !path.startsWith('agent-node/src/torrent/')
    ? `${path} imports webtorrent: only the torrent process has it`
    : undefined;

const keepsItsPlace: ImportRule = ({ path }, { target }) => {
  if (target === null || !path.startsWith('controller/src/') || WIRING.test(path) || GROUND.test(target)) return undefined;
  const [own, other] = [partOf(path), partOf(target)];
  if (own !== undefined && !isFeature(own) && ADAPTER_GROUND.test(target)) return undefined;
  if (own === other) return WIRING.test(target) ? `imports ${target}: the wiring is imported by nobody` : undefined;
  if (own !== undefined && other === undefined)
    return `${own} imports ${target}: only errors, log, clock, listeners, listen-at, neighbours/, on-air/ and http/route.ts are for everybody`;
  if (isFeature(own) && isFeature(other)) return `feature ${own} imports feature ${other}`;
  if (isFeature(own)) return `feature ${own} imports ${target}: it declares what it needs, run-controller.ts hands it in`;
  return isFeature(other)
    ? `${own ?? path} imports feature ${other}`
    : `${own ?? path} imports ${target}: parts are joined by run-controller.ts`;
};

const apiIsBare: ImportRule = ({ path }, { specifier, target }) => {
  if (!isApi(path) || /^zod(\/mini)?$|^@headgate\/protocol$/.test(specifier)) return undefined;
  return target !== null && isApi(target)
    ? undefined
    : `an -api file imports ${specifier}: only zod, protocol and other -api files`;
};

const webSeesApisOnly: ImportRule = ({ path }, { target }) =>
  path.startsWith('controller/web/') && target?.startsWith('controller/src/') && !isApi(target)
    ? `the web imports ${target}: only -api files`
    : undefined;

const testsStayOut: ImportRule = ({ path }, { target }) =>
  target !== null && /(^|\/)test\//.test(target) && !/(^|\/)(test|bench)\//.test(path)
    ? `imports ${target}: tests are imported by tests and benches`
    : undefined;

const pureImportsPure: ImportRule = (source, { specifier, target, typeOnly }) => {
  if (!isPure(source) || typeOnly || workspaceOf(source.path) === undefined) return undefined;
  if (specifier.startsWith('node:') || specifier === AGENT_GROUND) return `a pure file imports ${specifier}`;
  return target !== null && /(^|\/)(clock|log)\.ts$/.test(target) ? `a pure file imports ${target}` : undefined;
};

const IMPORT_RULES = [
  staysInWorkspace,
  staysSmall,
  groundStandsAlone,
  torrentsStayApart,
  keepsItsPlace,
  apiIsBare,
  webSeesApisOnly,
  testsStayOut,
  pureImportsPure,
];

/** All faults of layering in a set of files, as `path:line: what`. */
export function layerFaults(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => [
    ...importFaults(source),
    ...crowdFaults(source),
    ...purityFaults(source),
    ...syntaxFaults(source),
  ]);
}

const importFaults = (source: Source): readonly string[] =>
  source.imports.flatMap((imported) =>
    IMPORT_RULES.map((rule) => rule(source, imported))
      .filter((fault) => fault !== undefined)
      .map((fault) => `${source.path}:${imported.line}: ${fault}`),
  );

function crowdFaults({ path, imports }: Source): readonly string[] {
  if (workspaceOf(path) === undefined || MAY_USE_MANY.test(path)) return [];
  const used = imports.filter(
    ({ typeOnly, passesOn, target }) => !typeOnly && !passesOn && target !== null && !GROUND.test(target),
  );
  const count = new Set(used.map(({ target }) => target)).size;
  return count > MAX_USED_FILES
    ? [`${path}:1: uses ${count} own files; more than ${MAX_USED_FILES} is for run-controller.ts`]
    : [];
}

function purityFaults(source: Source): readonly string[] {
  if (!isPure(source)) return [];
  return [...source.awaits, ...source.clocks].map(({ line, what }) => `${source.path}:${line}: a pure file has ${what}`);
}

const syntaxFaults = ({ path, syntaxErrors }: Source): readonly string[] => syntaxErrors.map((error) => `${path}:1: ${error}`);
