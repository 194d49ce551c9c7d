// Stopping single torrents of qBittorrent and starting the same ones again: "pause" and "resume" up to 4.6, "stop" and "start" from 5.0 on.
import { ControllerError } from '../errors.ts';
import type { TorrentPausing } from '../neighbours/download-client.ts';
import type { WebApi } from './open-web-api.ts';

export const openPausing = (_api: WebApi): TorrentPausing => {
  const later = async (): Promise<never> => {
    throw new ControllerError('conflict', 'qBittorrent: pausing is not built yet');
  };
  return { running: later, pause: later, resume: later };
};
