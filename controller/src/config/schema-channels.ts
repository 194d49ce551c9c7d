// The section channels: television made of libraries, its stream process, and its place in Jellyfin Live TV.
import { z } from 'zod';
import { listen, range, url } from './addresses.ts';
import { across, path, type SchemaDeps } from './schema-tools.ts';
import { duration, flag, plainName, text, whole } from './values.ts';

const ACCELERATIONS = ['software', 'vaapi', 'qsv', 'nvenc', 'v4l2'] as const;
/** Without it, for vaapi and qsv: the first GPU that Linux names. */
const FIRST_GPU = '/dev/dri/renderD128';
const DEVICE_ID = /^[0-9A-Fa-f]{8}$/;

/** A program by its name on the PATH, or by its place. */
const program = () => text(4_096).meta({ kind: 'program' });

const pathMap = () =>
  z.strictObject({
    server: plainName().describe('One of `media_servers`.'),
    from: text(4_096).describe('How that server names the folder.').meta({ kind: 'path there' }),
    to: text(4_096)
      .refine((value) => value.startsWith('/'), 'must begin with /')
      .describe('Where the same folder is on this machine.')
      .meta({ kind: 'absolute path' }),
  });

const hdhomerun = () =>
  z
    .strictObject({
      enabled: flag().describe('Pass for an HDHomeRun, for Plex and Emby. Jellyfin needs it not.').prefault(false),
      listen: listen().describe('Its own address and port: it has no log-in.').prefault('0.0.0.0:5004'),
      allowed: z
        .array(range())
        .describe('Who may use it.')
        .prefault(['192.168.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '127.0.0.0/8']),
      tuners: whole(1, 64).describe('How many it says it has.').prefault(4),
      device_id: text(8)
        .regex(DEVICE_ID, 'must be 8 hex digits')
        .describe('Its identity, 8 hex digits; without it one is made once and kept.')
        .optional(),
    })
    .transform((one) => ({
      enabled: one.enabled,
      listen: one.listen,
      allowed: one.allowed,
      tuners: one.tuners,
      deviceId: one.device_id?.toUpperCase() ?? null,
    }))
    .describe('An HDHomeRun of its own, made of the channels.')
    .prefault({});

const programKeys = (deps: SchemaDeps) => ({
  ffmpeg: program().describe('ffmpeg, by name or path.').prefault('ffmpeg'),
  ffprobe: program().describe('ffprobe, by name or path.').prefault('ffprobe'),
  acceleration: z
    .enum(ACCELERATIONS, { error: `must be ${ACCELERATIONS.join(', ')}` })
    .describe('Which encoder is tried; software stands in where it does not work.')
    .prefault('software'),
  device: text(4_096)
    .describe('Of the GPU, for vaapi and qsv.')
    .meta({ kind: 'absolute path', fallback: FIRST_GPU })
    .refine((value) => value.startsWith('/'), 'must begin with /')
    .optional(),
  font: path(deps).describe('Font file of cards; without it fontconfig chooses.').optional(),
});

const channelsKeys = (deps: SchemaDeps) =>
  z.strictObject({
    enabled: flag().describe('false: no stream process, no nightly job, no registration.').prefault(true),
    scheduler: flag().describe('false: schedules are not extended by themselves.').prefault(true),
    ...programKeys(deps),
    base_url: url('http', 'https')
      .describe(
        'How Jellyfin and players reach Headgate; part of every playlist, so it never changes. Without it `http.public_url`.',
      )
      .optional(),
    logos_path: path(deps).describe('Folder of logos that channels may name without a path.').optional(),
    commercials_path: path(deps).describe('Folder of clips for the filler `clips`.').optional(),
    idle_stop: duration(1_000, 3_600_000).describe('A channel that nobody watches ends after this.').prefault('30s'),
    max_sessions: whole(1, 100).describe('Channels that run at once; each is one ffmpeg.').prefault(8),
    max_viewers: whole(1, 10_000).describe('Viewers of all channels together.').prefault(400),
    register: flag()
      .describe('true: the channels are kept registered in Live TV of every Jellyfin in `media_servers`, by themselves.')
      .prefault(false),
    refuse_when_full: flag()
      .describe('true: a viewer from outside who connects directly is refused while the budget of the uplink is spent.')
      .prefault(false),
    default_page_size: whole(1, 10_000)
      .describe('Items that /api/jellyfin/items answers with when not asked for a number.')
      .prefault(50),
    max_page_size: whole(1, 10_000).describe('The most that it answers with.').prefault(1_000),
    path_maps: z
      .array(pathMap())
      .describe('Where folders of a media server are on this machine: files that can be read here need not be fetched.')
      .prefault([]),
    hdhomerun: hdhomerun(),
  });

export const channelsSection = (deps: SchemaDeps) =>
  channelsKeys(deps)
    .check(
      across((channels, tell) => {
        const { default_page_size: usual, max_page_size: most } = channels;
        if (typeof usual === 'number' && typeof most === 'number' && usual > most)
          tell('default_page_size', 'must not be more than max_page_size');
      }),
    )
    .transform((channels) => ({
      enabled: channels.enabled,
      scheduler: channels.scheduler,
      ffmpeg: channels.ffmpeg,
      ffprobe: channels.ffprobe,
      acceleration: channels.acceleration,
      device: channels.device ?? (['vaapi', 'qsv'].includes(channels.acceleration) ? FIRST_GPU : null),
      font: channels.font ?? null,
      baseUrl: channels.base_url ?? null,
      logosPath: channels.logos_path ?? null,
      commercialsPath: channels.commercials_path ?? null,
      idleStopMs: channels.idle_stop,
      maxSessions: channels.max_sessions,
      maxViewers: channels.max_viewers,
      register: channels.register,
      refuseWhenFull: channels.refuse_when_full,
      defaultPageSize: channels.default_page_size,
      maxPageSize: channels.max_page_size,
      pathMaps: channels.path_maps,
      hdhomerun: channels.hdhomerun,
    }))
    .describe('Television made of libraries.')
    .prefault({});
