// The section media_servers: each Jellyfin and each Plex.
import { z } from 'zod';
import { isGiven, named, placeKeys, refuseUseless, tlsKeys, tlsOf, type Useless } from './schema-neighbours.ts';
import { across, notBoth, type SchemaDeps, secret, secretFile } from './schema-tools.ts';
import { isSecret } from './secret.ts';
import { duration, flag, text } from './values.ts';

/** Plex itself keeps a paused stream's reservation for about so long. */
const PAUSE_GRACE_MS = 60_000;

/** What a key or token may be made of: it goes into a header. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

const USELESS: Useless = {
  plex: {
    user_id: 'is only for type: jellyfin',
    client_name: 'is only for type: jellyfin',
    device_name: 'is only for type: jellyfin',
    device_id: 'is only for type: jellyfin',
  },
  jellyfin: {
    pause_grace: 'is only for type: plex; a paused Jellyfin stream is let go of after bandwidth.restore_after',
    limit_streams: 'is only for type: plex; Jellyfin has a limit for each user, which bandwidth rules',
  },
};

/** Who Headgate says it is there. */
const identityKeys = () => ({
  user_id: text(64)
    .regex(/^[0-9a-fA-F-]{32,36}$/, "must be a user's id: 32 hex digits")
    .describe('Jellyfin only: the user whose view of the libraries channels are made of. Without it, an administrator.')
    .meta({ kind: 'id' })
    .optional(),
  client_name: text(64)
    .describe('Jellyfin only: name of the program in its dashboard.')
    .meta({ fallback: 'Headgate' })
    .optional(),
  device_name: text(64).describe('Jellyfin only: name of the device there.').meta({ fallback: 'Headgate' }).optional(),
  device_id: text(128)
    .describe('Jellyfin only: id of the device; two programs with one share a session. Without it one is made once and kept.')
    .optional(),
});

const mediaServerKeys = (deps: SchemaDeps) =>
  z.strictObject({
    ...placeKeys(),
    type: z.enum(['jellyfin', 'plex'], { error: 'must be jellyfin or plex' }).describe('Which product.'),
    api_key: secret().describe('Its API key (Plex: token); better as a file.'),
    api_key_file: secretFile(deps).describe('File with that key.'),
    on_uplink: flag().describe('false: not behind this uplink, so never capped and never counted.').prefault(true),
    poll_interval: duration(1_000, 600_000)
      .describe('How often sessions are asked for; with the socket up this is only the safety net.')
      .prefault('60s'),
    socket: flag().describe('Hear of sessions by WebSocket. false: by `poll_interval` alone.').prefault(true),
    pause_grace: duration(0, 3_600_000)
      .describe('Plex only: how long a paused stream keeps its part of the uplink.')
      .meta({ fallback: '60s' })
      .optional(),
    limit_streams: flag()
      .describe(
        'Plex only: true lets Headgate set the server-wide limit per remote stream (WanPerStreamMaxUploadRate), and put it back. Without it Plex limits nobody: torrents and the other viewers give way.',
      )
      .meta({ fallback: false })
      .optional(),
    ...identityKeys(),
    ...tlsKeys(deps),
  });

const mediaServer = (deps: SchemaDeps) =>
  mediaServerKeys(deps)
    .check(
      across((server, tell) => {
        notBoth('api_key')(server, tell);
        refuseUseless(server, USELESS, tell);
        for (const name of ['api_key', 'api_key_file'])
          if (isSecret(server[name]) && !HEADER_VALUE.test(server[name].reveal()))
            tell(name, 'has a character that no HTTP header can carry: is there a line end or a letter too many?');
        if (!isGiven(server, 'api_key'))
          tell(
            'api_key_file',
            server['type'] === 'plex'
              ? 'is missing: a Plex needs its token as api_key, api_key_file or, where it is the only Plex, PLEX_TOKEN in the environment'
              : 'is missing: a media server needs an api_key or api_key_file',
          );
      }),
    )
    .transform((server) => ({
      name: server.name,
      type: server.type,
      url: server.url,
      apiKey: (server.api_key ?? server.api_key_file) as NonNullable<typeof server.api_key>, // checked above
      onUplink: server.on_uplink,
      pollMs: server.poll_interval,
      socket: server.socket,
      pauseGraceMs: server.pause_grace ?? PAUSE_GRACE_MS,
      limitStreams: server.limit_streams ?? false,
      userId: server.user_id?.replaceAll('-', '').toLowerCase() ?? null,
      clientName: server.client_name ?? null,
      deviceName: server.device_name ?? null,
      deviceId: server.device_id ?? null,
      tls: tlsOf(server),
    }));

export const mediaServersSection = (deps: SchemaDeps) =>
  named(mediaServer(deps)).describe('Jellyfin and Plex servers.').prefault([]);
