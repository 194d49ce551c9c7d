// Pure: the configuration in the words of channels, stream process and ffmpeg.
import type { Config } from '../../config/config-schema.ts';
import type { LiveSettings } from '../../on-air/live-messages.ts';

/** @param slateFolder in the data folder */
export const liveSettings = ({ channels, home }: Pick<Config, 'channels' | 'home'>, slateFolder: string): LiveSettings => ({
  ffmpeg: channels.ffmpeg,
  ffprobe: channels.ffprobe,
  acceleration: channels.acceleration,
  device: channels.device,
  font: channels.font,
  idleStopMs: channels.idleStopMs,
  maxSessions: channels.maxSessions,
  maxViewers: channels.maxViewers,
  slateFolder,
  zone: home.timeZone,
});

/** Where Jellyfin and players find us: never by a request's Host header. */
export const publicBase = ({ channels, http }: Pick<Config, 'channels' | 'http'>): string | null =>
  channels.baseUrl ?? http.publicUrl;
