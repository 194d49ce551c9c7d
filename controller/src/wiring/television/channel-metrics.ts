// Numbers of running channels for Prometheus.
import type { Metrics } from '../../http/metrics.ts';
import type { LiveSession } from '../../on-air/live-messages.ts';
import type { LiveSessions } from './live-sessions.ts';

type Figure = readonly [name: string, help: string, value: (session: LiveSession) => number | null];

const FIGURES: readonly Figure[] = [
  ['channel_viewers', 'Viewers of a running channel', ({ viewers }) => viewers.length],
  [
    'channel_bits_per_second',
    'What a running channel sends to all of its viewers',
    ({ viewers }) => sum(viewers.map(({ bps }) => bps)),
  ],
  [
    'channel_tune_in_seconds',
    'From the first request of a session to the first key frame of its programme',
    ({ tuneInMs }) => seconds(tuneInMs),
  ],
  ['channel_drift_seconds', 'How late the picture is after the schedule', ({ driftMs }) => seconds(driftMs)],
  ['channel_gap_seconds', 'At the last boundary, less one frame', ({ lastGapMs }) => seconds(lastGapMs)],
  ['channel_encoder_speed', 'Seconds of film that ffmpeg makes in a second, unpaced', ({ speed }) => speed],
  ['channel_restarts', 'How often ffmpeg had to be started anew within a session', ({ restarts }) => restarts],
];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

export function collectChannelMetrics(metrics: Metrics, sessions: Pick<LiveSessions, 'now'>): void {
  const gauges = FIGURES.map(([name, help, value]) => ({ gauge: metrics.gauge(name, help), value }));
  let shown: readonly string[] = [];
  metrics.onRead(() => {
    const running = sessions.now();
    for (const channel of shown)
      if (!running.some((session) => session.channel === channel)) for (const { gauge } of gauges) gauge.remove({ channel });
    for (const session of running)
      for (const { gauge, value } of gauges) {
        const { channel } = session;
        const now = value(session);
        if (now === null) gauge.remove({ channel });
        else gauge.set(now, { channel });
      }
    shown = running.map(({ channel }) => channel);
  });
}
