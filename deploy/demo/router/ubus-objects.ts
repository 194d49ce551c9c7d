// The ubus objects that the simulated router has, with netifd's, rpcd's and procd's habits. Answers `[status]` or `[0, value]`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedRouter } from './simulated-router.ts';
import type { Rights } from './ubus-rights.ts';

type Args = Readonly<Record<string, unknown>>;
/** `staged` are this session's uncommitted UCI changes, `section.option` to value: no other session sees them. */
type Deps = { readonly router: SimulatedRouter; readonly rights: Rights; readonly staged: Map<string, string> };
type Method = (deps: Deps, args: Args) => unknown;

const INVALID_ARGUMENT = [2];
const NOT_FOUND = [4];
const PERMISSION_DENIED = [6];

const objects: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  session: { access: () => [0, { access: true }] },
  system: {
    board: ({ router }) => [0, json(router, 'state/board.json')],
    info: ({ router }) => [
      0,
      { localtime: Math.floor(Date.now() / 1000), uptime: Math.floor(router.uptimeS()), load: [616192, 403104, 212640] },
    ],
  },
  'network.interface': { dump: ({ router }) => [0, json(router, 'state/dump.json')] },
  'network.device': { status: deviceStatus },
  service: { list: ({ router }) => [0, json(router, 'state/services.json')] },
  uci: { get: uciGet, set: uciSet, commit: uciCommit },
  file: { read: fileRead, list: fileList, exec: fileExec },
};

export const isObject = (name: string): boolean => name in objects;

export function callObject(deps: Deps, object: string, method: string, args: Args): unknown {
  const call = objects[object]?.[method];
  return call === undefined ? [3] : call(deps, args);
}

const json = (router: SimulatedRouter, path: string): unknown => JSON.parse(readFileSync(join(router.root, path), 'utf8'));

/** An argument of the wrong type is ignored, not refused: then all devices come. */
function deviceStatus({ router }: Deps, { name }: Args): unknown {
  if (typeof name !== 'string')
    return [0, Object.fromEntries([...router.devices().keys()].map((one) => [one, router.status(one)]))];
  const status = router.status(name);
  return status === undefined ? INVALID_ARGUMENT : [0, status];
}

function sections(router: SimulatedRouter, config: string): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const line of readFileSync(join(router.root, 'etc/config', config), 'utf8').split('\n')) {
    const [, name = '', option, value = ''] = /^\w+\.(@?[\w[\]]+)(?:\.(\w+))?=(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    found[name] ??= { '.anonymous': name.startsWith('@'), '.name': name };
    Object.assign(found[name], option === undefined ? { '.type': value } : { [option]: value.replace(/^'(.*)'$/, '$1') });
  }
  return found;
}

function uciGet({ router, rights, staged }: Deps, { config }: Args): unknown {
  if (typeof config !== 'string') return INVALID_ARGUMENT;
  if (!rights.uci(config, false)) return PERMISSION_DENIED;
  if (!existsSync(join(router.root, 'etc/config', config))) return NOT_FOUND;
  const values = sections(router, config);
  for (const [key, value] of staged) {
    const [section = '', option = ''] = key.split('.');
    Object.assign(values[section] ?? {}, { [option]: value });
  }
  return [0, { values }];
}

function uciSet({ router, rights, staged }: Deps, { config, section, values }: Args): unknown {
  if (typeof config !== 'string' || typeof section !== 'string' || typeof values !== 'object' || values === null)
    return INVALID_ARGUMENT;
  if (!rights.uci(config, true)) return PERMISSION_DENIED;
  if (!existsSync(join(router.root, 'etc/config', config)) || !(section in sections(router, config))) return NOT_FOUND;
  for (const [option, value] of Object.entries(values)) {
    staged.set(`${section}.${option}`, String(value));
    router.note(`set ${config}.${section}.${option}=${value}`);
  }
  return [0];
}

/** rpcd's commit tells procd `config.change`, and sqm's init script reloads on that. */
function uciCommit({ router, rights, staged }: Deps, { config }: Args): unknown {
  if (typeof config !== 'string') return INVALID_ARGUMENT;
  if (!rights.uci(config, true)) return PERMISSION_DENIED;
  const path = join(router.root, 'etc/config', config);
  let text = readFileSync(path, 'utf8');
  for (const [key, value] of staged)
    text = `${text.replace(new RegExp(`^${config}\\.${key.replace('.', '\\.')}=.*\\n`, 'm'), '')}${config}.${key}='${value}'\n`;
  writeFileSync(path, text);
  staged.clear();
  router.note(`commit ${config}`);
  router.note('reload');
  return [0];
}

function fileRead({ router, rights }: Deps, { path }: Args): unknown {
  if (typeof path !== 'string') return INVALID_ARGUMENT;
  if (!rights.file(path, 'read')) return PERMISSION_DENIED;
  return existsSync(join(router.root, path)) ? [0, { data: readFileSync(join(router.root, path), 'utf8') }] : NOT_FOUND;
}

function fileList({ router, rights }: Deps, { path }: Args): unknown {
  if (typeof path !== 'string') return INVALID_ARGUMENT;
  if (!rights.file(path, 'list')) return PERMISSION_DENIED;
  if (!existsSync(join(router.root, path))) return NOT_FOUND;
  return [0, { entries: readdirSync(join(router.root, path)).map((name) => ({ name, type: 'directory' })) }];
}

/** The grant is the whole command line with its arguments. */
function fileExec({ router, rights }: Deps, { command, params }: Args): unknown {
  const line = [command, ...(Array.isArray(params) ? params : [])].join(' ');
  if (!rights.file(line, 'exec')) return PERMISSION_DENIED;
  const broken = existsSync(join(router.root, 'state/tc-broken'));
  return [0, { code: 0, stdout: broken ? 'qdisc cake 8001: root\n' : readFileSync(join(router.root, 'state/tc.json'), 'utf8') }];
}
