// A configuration folder for deluged and deluge-web that asks nothing and talks to loopback only. Keys as Deluge 2.0 and 2.1 read them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type FolderPreset = {
  readonly password: string;
  readonly daemonPort: number;
  readonly webPort: number;
  readonly peerPort: number;
  /** deluge-web connects to the daemon by itself when it starts. */
  readonly connected: boolean;
  /** Over those of core.conf. */
  readonly settings: Readonly<Record<string, unknown>>;
};

/** The account that deluged makes for its own machine. */
const ACCOUNT = 'localclient';
const ADMIN_LEVEL = 10;

/** Deluge's own form: a line that tells the version, then the settings (deluge/config.py). */
const asConfig = (file: number, settings: object): string =>
  `${JSON.stringify({ file, format: 1 })}${JSON.stringify(settings, null, 2).replace(wholeSpeed, '$1.0')}`;

/** Deluge writes these with a decimal point. Without one it would take them for whole numbers, and cut whatever it is told later. */
const wholeSpeed = /("max_(?:upload|download)_speed": -?\d+)(?=,|\n)/g;

const hashPassword = (password: string): { pwd_salt: string; pwd_sha1: string } => {
  const salt = randomBytes(20).toString('hex');
  return { pwd_salt: salt, pwd_sha1: createHash('sha1').update(salt).update(password).digest('hex') };
};

export const writeFolder = async (folder: string, preset: FolderPreset): Promise<void> => {
  const [hostId, accountPassword] = [randomBytes(16).toString('hex'), randomBytes(20).toString('hex')];
  const downloads = join(folder, 'downloads');
  const core = {
    allow_remote: false,
    dht: false,
    lsd: false,
    upnp: false,
    natpmp: false,
    utpex: false,
    random_port: false,
    listen_ports: [preset.peerPort, preset.peerPort],
    listen_interface: '127.0.0.1',
    outgoing_interface: '127.0.0.1',
    new_release_check: false,
    send_info: false,
    download_location: downloads,
    torrentfiles_location: downloads,
    move_completed_path: downloads,
    ...preset.settings,
  };
  const web = {
    interface: '127.0.0.1',
    port: preset.webPort,
    https: false,
    first_login: false,
    show_session_speed: false,
    default_daemon: preset.connected ? hostId : '',
    ...hashPassword(preset.password),
  };
  const hosts = [[hostId, '127.0.0.1', preset.daemonPort, ACCOUNT, accountPassword]];
  await mkdir(downloads, { recursive: true });
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });
  await write('core.conf', asConfig(1, core));
  await write('web.conf', asConfig(2, web));
  await write('hostlist.conf', asConfig(3, { hosts }));
  await write('auth', `${ACCOUNT}:${accountPassword}:${ADMIN_LEVEL}\n`);
};
