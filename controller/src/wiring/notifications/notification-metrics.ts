// What /metrics shows of the sinks: looked up when it is read.
import type { Metrics } from '../../http/metrics.ts';
import type { SinkStatus } from '../../notify/sink.ts';

export function collectNotificationMetrics(metrics: Metrics, sinks: () => readonly SinkStatus[]): void {
  const gauge = (name: string, help: string) => metrics.gauge(`headgate_notification_${name}`, help);
  const up = gauge('sink_up', 'Whether a sink took what was sent last; 1 before the first');
  const waiting = gauge('sink_waiting', 'Notifications that a sink is still to get');
  const delivered = gauge('sink_delivered', 'Notifications that a sink took since the start');
  const lost = gauge(
    'sink_lost',
    'Notifications that were too old or too many for a sink that did not take them, since the start',
  );
  metrics.onRead(() => {
    for (const { name: sink, health, waiting: left, delivered: taken, lost: gone } of sinks()) {
      up.set(health.state === 'live' || health.state === 'starting' ? 1 : 0, { sink });
      waiting.set(left, { sink });
      delivered.set(taken, { sink });
      lost.set(gone, { sink });
    }
  });
}
