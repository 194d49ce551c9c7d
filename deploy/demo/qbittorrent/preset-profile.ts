// A qbittorrent-nox profile that asks nothing and talks to loopback only. Keys as qBittorrent 4.4 to 5.2 read them.
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ProfilePreset = {
  readonly username: string;
  /** Null: no log-in wanted from loopback. */
  readonly password: string | null;
  readonly webPort: number;
  readonly peerPort: number;
  /** KiB/s, 0 is none, as qBittorrent keeps them. */
  readonly uploadLimitKiB: number;
  readonly alternativeUploadLimitKiB: number;
  readonly alternative: boolean;
};

const configPath = (profileDir: string): string => join(profileDir, 'qBittorrent', 'config', 'qBittorrent.conf');

/** qBittorrent's own form: salt:key in base64, PBKDF2-HMAC-SHA512, 100,000 rounds (base/utils/password.cpp). */
const hashPassword = (password: string): string => {
  const salt = randomBytes(16);
  const key = pbkdf2Sync(password, salt, 100_000, 64, 'sha512');
  return `@ByteArray(${salt.toString('base64')}:${key.toString('base64')})`;
};

export const writeProfile = async (profileDir: string, preset: ProfilePreset): Promise<void> => {
  const lines = [
    '[LegalNotice]',
    'Accepted=true',
    '[BitTorrent]',
    'Session\\Interface=lo',
    'Session\\InterfaceName=lo',
    'Session\\InterfaceAddress=127.0.0.1',
    `Session\\Port=${preset.peerPort}`,
    'Session\\DHTEnabled=false',
    'Session\\PeXEnabled=false',
    'Session\\LSDEnabled=false',
    `Session\\GlobalUPSpeedLimit=${preset.uploadLimitKiB}`,
    `Session\\AlternativeGlobalUPSpeedLimit=${preset.alternativeUploadLimitKiB}`,
    `Session\\UseAlternativeGlobalSpeedLimit=${preset.alternative}`,
    '[Network]',
    'PortForwardingEnabled=false',
    '[Preferences]',
    'WebUI\\Enabled=true',
    'WebUI\\Address=127.0.0.1',
    `WebUI\\Port=${preset.webPort}`,
    'WebUI\\UseUPnP=false',
    `WebUI\\Username=${preset.username}`,
    preset.password === null ? 'WebUI\\LocalHostAuth=false' : `WebUI\\Password_PBKDF2="${hashPassword(preset.password)}"`,
    '',
  ];
  await mkdir(join(profileDir, 'qBittorrent', 'config'), { recursive: true });
  await writeFile(configPath(profileDir), lines.join('\n'), { mode: 0o600 });
};

/** The web port of a profile that ran before; null where there is none yet. */
export const readProfilePort = async (profileDir: string): Promise<number | null> => {
  const text = await readFile(configPath(profileDir), 'utf8').catch(() => '');
  const port = /^WebUI\\Port=(\d+)$/m.exec(text)?.[1];
  return port === undefined ? null : Number(port);
};
