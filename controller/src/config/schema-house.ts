// Sections of the controller itself: home, http, auth, database, logging.
import { z } from 'zod';
import { listen, range, timeZone, url } from './addresses.ts';
import { across, notBoth, path, type SchemaDeps, secret, secretFile } from './schema-tools.ts';
import { isSecret } from './secret.ts';
import { duration, plainName, size, text, whole } from './values.ts';

const DAY_MS = 86_400_000;

export const homeSection = () =>
  z
    .strictObject({
      name: text(64).describe('What this home is called on screens.').prefault('Home'),
      time_zone: timeZone()
        .describe("IANA zone of log lines at a terminal, and later of rules and guides; without it, this machine's own.")
        .optional(),
    })
    .transform((home) => ({
      name: home.name,
      timeZone: home.time_zone ?? new Intl.DateTimeFormat('en').resolvedOptions().timeZone,
    }))
    .prefault({});

export const httpSection = () =>
  z
    .strictObject({
      listen: listen().describe('Where the web page and the REST API listen.').prefault('127.0.0.1:8400'),
      public_url: url('http', 'https')
        .describe('How browsers reach Headgate. With https, session cookies are marked Secure.')
        .optional(),
      trusted_proxies: z
        .array(range())
        .describe('Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.')
        .prefault([]),
      metrics: z
        .enum(['token', 'public'], { error: 'must be token or public' })
        .describe('Who may read /metrics: with an API token only, or anyone who reaches the port.')
        .prefault('token'),
    })
    .transform((http) => ({
      listen: http.listen,
      publicUrl: http.public_url ?? null,
      trustedProxies: http.trusted_proxies,
      metrics: http.metrics,
    }))
    .prefault({});

export const authSection = (deps: SchemaDeps) =>
  z
    .strictObject({
      admin_password: secret().describe('Password of the administrator; better as a file.'),
      admin_password_file: secretFile(deps).describe(
        'File with the password. Without one, a password is made and kept in the data folder, readable by its owner only.',
      ),
      session_duration: duration(5 * 60_000, 365 * DAY_MS)
        .describe('How long a log-in on the web page lasts.')
        .prefault('30d'),
    })
    .check(across(notBoth('admin_password')))
    .transform((auth) => ({
      adminPassword: auth.admin_password ?? auth.admin_password_file ?? null,
      sessionMs: auth.session_duration,
    }))
    .prefault({});

export const databaseSection = (deps: SchemaDeps) =>
  z
    .strictObject({
      path: path(deps).describe('Data folder. Without it: headgate/ under XDG_STATE_HOME, else under ~/.local/state.').optional(),
      url: secret().describe('PostgreSQL instead of the built-in SQLite: postgres://user:password@host/name.'),
      url_file: secretFile(deps).describe('File with that URL.'),
      compact_after: whole(100, 1_000_000)
        .describe('Journal statements after which the journal is folded into the snapshot.')
        .prefault(10_000),
    })
    .check(
      across((database, tell) => {
        notBoth('url')(database, tell);
        for (const [key, url] of Object.entries(database))
          if (key.startsWith('url') && isSecret(url) && !/^postgres(ql)?:\/\/[^/]/.test(url.reveal()))
            tell(key, 'must begin with postgres://');
      }),
    )
    .transform((database) => ({
      path: database.path ?? null,
      url: database.url ?? database.url_file ?? null,
      compactAfter: database.compact_after,
    }))
    .prefault({});

const level = () => z.enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' });

export const loggingSection = (deps: SchemaDeps) =>
  z
    .strictObject({
      level: level().describe('What is written at least. debug shows the inputs of each decision.').prefault('info'),
      parts: z
        .record(plainName(), level())
        .describe(
          'Levels of single parts (bandwidth, database, home-assistant, http, jellyfin, mqtt, plex, telemetry, torrents); they go before `level`.',
        )
        .prefault({}),
      format: z
        .enum(['auto', 'json', 'pretty'], { error: 'must be auto, json or pretty' })
        .describe('auto: pretty on a terminal, JSON lines elsewhere.')
        .prefault('auto'),
      file: path(deps).describe('A log file beside standard output; none without it.').optional(),
      max_size: size(1_000, 10_000_000_000).describe('Size at which the file is set aside.').prefault('10MB'),
      backups: whole(0, 1_000).describe('Files set aside that are kept.').prefault(5),
      retention_days: whole(1, 36_500).describe('Age in days at which a file set aside is deleted.').prefault(30),
    })
    .transform((logging) => ({
      level: logging.level,
      parts: logging.parts,
      format: logging.format,
      file: logging.file ?? null,
      maxBytes: logging.max_size,
      backups: logging.backups,
      retentionDays: logging.retention_days,
    }))
    .prefault({});
