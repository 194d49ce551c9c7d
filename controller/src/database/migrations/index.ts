// The one ordered list of migrations. A new one goes to the end; a released one is never changed.
import type { Migration } from '../migration.ts';
import { brokerMigration } from './001-broker.ts';
import { bandwidthMigration } from './002-bandwidth.ts';
import { telemetryMigration } from './003-telemetry.ts';
import { httpMigration } from './004-http.ts';
import { pausingMigration } from './005-pausing.ts';
import { channelsMigration } from './006-channels.ts';
import { streamTokensMigration } from './007-stream-tokens.ts';
import { livetvRegistrationMigration } from './008-livetv-registration.ts';
import { channelPicturesMigration } from './009-channel-pictures.ts';
import { syncInboxMigration } from './010-sync-inbox.ts';
import { syncStateMigration } from './011-sync-state.ts';
import { syncShownMigration } from './012-sync-shown.ts';
import { syncPlaylistsMigration } from './013-sync-playlists.ts';
import { syncGuardMigration } from './014-sync-guard.ts';
import { syncCheckpointsMigration } from './015-sync-checkpoints.ts';
import { distributionMigration } from './016-distribution.ts';
import { quarantinesMigration } from './017-quarantines.ts';
import { overheadsMigration } from './018-overheads.ts';
import { usageMigration } from './019-usage.ts';
import { notificationsMigration } from './021-notifications.ts';

/** Each feature adds a file `NNN-what.ts` here that exports one Migration. They run on SQLite and PostgreSQL (migration.ts). */
export const migrations: readonly Migration[] = [
  brokerMigration,
  bandwidthMigration,
  telemetryMigration,
  httpMigration,
  pausingMigration,
  channelsMigration,
  streamTokensMigration,
  livetvRegistrationMigration,
  channelPicturesMigration,
  syncInboxMigration,
  syncStateMigration,
  syncShownMigration,
  syncPlaylistsMigration,
  syncGuardMigration,
  syncCheckpointsMigration,
  distributionMigration,
  quarantinesMigration,
  overheadsMigration,
  usageMigration,
  notificationsMigration,
];
