// For `--test channels`: what this machine's ffmpeg can do for television.
import type { AllChannelTables } from '../channels/open-channel-stores.ts';
import { migrations } from '../database/migrations/index.ts';
import { openDatabase } from '../database/open-database.ts';
import { ControllerError } from '../errors.ts';
import { openFfmpeg } from '../ffmpeg/open-ffmpeg.ts';
import { askInstance } from './control-socket.ts';
import type { CheckDeps } from './hear-router.ts';
import { liveSettings } from './television/settings-of-config.ts';

const NONE = 'no ffmpeg is installed: TV channels cannot be made; where you want some, apt install ffmpeg';

/**
 * One line. Channels are on by default: a home that has none, and never named an ffmpeg, needs none either.
 * @throws ControllerError upstream_failed with all that keeps channels from playing; AbortError
 */
export async function channelsLine(deps: CheckDeps, signal: AbortSignal): Promise<string> {
  const { config, log } = deps;
  const { version, problems, lacks } = await openFfmpeg(liveSettings(config, ''), log).check(signal);
  if (version === null && config.channels.ffmpeg === 'ffmpeg' && (await countChannels(deps)) === 0) return NONE;
  if (problems.length > 0) throw new ControllerError('upstream_failed', problems.join('; '));
  const able = `ffmpeg ${version}, ${config.channels.acceleration} asked for`;
  return lacks.length === 0 ? `${able}: nothing is missing` : `${able}; ${lacks.join('; ')}`;
}

/** Where an instance runs, the database is its own and it is asked. */
async function countChannels({ config, clock, log }: CheckDeps): Promise<number> {
  const { path, url } = config.database;
  const answer = await askInstance(path, 'status');
  if (answer?.ok === true) return (answer.value as { readonly channels: number }).channels;
  const server = url === null ? {} : { url: url.reveal() };
  await using database = await openDatabase({ path, clock, log, migrations, ...server });
  const all = await database.tables<AllChannelTables>().selectFrom('channels').select('id').execute();
  return all.length;
}
