// Rehearsals over HTTP: what is recorded, what would have been under other settings, and what the shadow says.
import type { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { type Route, route } from '../../http/route.ts';
import type { Overrides } from './other-settings.ts';
import type { RecordingFile } from './recording/recordings.ts';
import { type overridesBody, recordingsView, rehearsalBody, rehearsalView, shadowView } from './rehearsal-api.ts';
import type { RehearsalState } from './rehearsal-state.ts';
import { viewRecordings, viewReport, viewShadow } from './rehearsal-view.ts';
import type { RehearsalReport } from './replay/report.ts';

/** What is tried: settings that are otherwise, or the text of another configuration. */
export type Tried = { readonly overrides: Overrides } | { readonly configuration: string };

export type RehearsalRoutesDeps = {
  readonly state: () => RehearsalState | null;
  readonly files: () => Promise<readonly RecordingFile[]>;
  readonly algorithms: readonly string[];
  /** Off the event loop; ends when the signal fires. @throws ControllerError config_invalid for a bad configuration. */
  readonly rehearse: (
    tried: Tried,
    span: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ) => Promise<{ readonly report: RehearsalReport; readonly remarks: readonly string[] }>;
  /** UTC ms. */
  readonly now: () => number;
};

const tags = ['bandwidth'];
const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

export function rehearsalRoutes(deps: RehearsalRoutesDeps): readonly Route[] {
  return [...looking(deps), rehearsing(deps)];
}

function looking({ state, files }: RehearsalRoutesDeps): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/bandwidth/recordings',
      summary: 'What is recorded for rehearsals',
      tags,
      access: 'read',
      response: recordingsView,
      handler: async () => viewRecordings(state()?.recording ?? null, await files()),
    }),
    route({
      method: 'get',
      path: '/api/bandwidth/shadow',
      summary: 'What the shadow policy would do now, and how often it differed; null without one',
      tags,
      access: 'read',
      response: shadowView.nullable(),
      handler() {
        const shadow = state()?.shadow ?? null;
        return shadow === null ? null : viewShadow(shadow);
      },
    }),
  ];
}

function rehearsing({ algorithms, rehearse, now }: RehearsalRoutesDeps): Route {
  let running = false;
  return route({
    method: 'post',
    path: '/api/bandwidth/rehearsals',
    summary: 'What would have been decided under other settings, from what was recorded',
    description: 'Changes nothing. One at a time; the answer takes some seconds for each recorded day.',
    tags,
    access: 'write',
    body: rehearsalBody,
    response: rehearsalView,
    async handler({ body, signal }) {
      const span = spanOf(body, now());
      const tried = triedOf(body, algorithms);
      if (running) throw new ControllerError('conflict', 'a rehearsal is running: wait for its answer');
      running = true;
      try {
        const { report, remarks } = await rehearse(tried, span, signal);
        return viewReport(report, remarks);
      } finally {
        running = false;
      }
    },
  });
}

type Body = z.output<typeof rehearsalBody>;

function spanOf(body: Body, now: number): { readonly from: number; readonly to: number } {
  const to = body.to === undefined ? now : Date.parse(body.to);
  const from = body.from === undefined ? to - DAY_MS : Date.parse(body.from);
  if (from >= to) throw new ControllerError('input_invalid', 'body.from: must be before to');
  if (to - from > MOST_DAYS * DAY_MS)
    throw new ControllerError('input_invalid', `body.from: must be at most ${MOST_DAYS} days before to`);
  return { from, to };
}

function triedOf({ settings, configuration }: Body, algorithms: readonly string[]): Tried {
  if (configuration !== undefined) return { configuration };
  const overrides = overridesOf(settings ?? {});
  const { algorithm } = overrides;
  if (algorithm !== undefined && !algorithms.includes(algorithm))
    throw new ControllerError('input_invalid', `body.settings.algorithm: "${algorithm}" is none of ${algorithms.join(', ')}`);
  return { overrides };
}

const overridesOf = ({ torrents = {}, ...one }: z.output<typeof overridesBody>): Overrides => ({
  algorithm: one.algorithm,
  apply: one.apply,
  minPerViewerBps: one.min_per_viewer_bps,
  maxPerViewerBps: one.max_per_viewer_bps,
  stepBps: one.step_bps,
  writeIntervalMs: one.write_interval_ms,
  throttleAfterMs: one.throttle_after_ms,
  restoreAfterMs: one.restore_after_ms,
  torrentFloorBps: one.torrent_floor_bps,
  reserve: one.reserve,
  capacityUpBps: one.capacity_up_bps,
  capacityDownBps: one.capacity_down_bps,
  defaultClass: one.default_class,
  torrents: {
    share: torrents.share,
    limitDownloads: torrents.limit_downloads,
    downloadFloorBps: torrents.download_floor_bps,
    downloadReserve: torrents.download_reserve,
    pauseBelowBps: torrents.pause_below_bps,
  },
});
