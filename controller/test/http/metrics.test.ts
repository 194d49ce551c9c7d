// Numbers in the text format of Prometheus.
import t from 'tap';
import { createMetrics } from '../../src/http/metrics.ts';

t.test('counters, gauges and histograms read as Prometheus wants them', async (t) => {
  const metrics = createMetrics();
  const decisions = metrics.counter('headgate_decisions_total', 'Decisions made');
  const upload = metrics.gauge('headgate_wan_up_bits_per_second', 'Upload\nof a WAN');
  const latency = metrics.histogram('headgate_cap_seconds', 'Start to cap', [0.1, 1]);
  decisions.add(3, { mode: 'idle' });
  decisions.add(-5, { mode: 'idle' });
  upload.set(1.5e6, { wan: 'wan', router: 'a "b"\\' });
  for (const value of [0.05, 0.5, 5]) latency.observe(value);
  metrics.onRead(() => upload.set(7, { wan: 'late' }));
  t.equal(
    metrics.text(),
    `# HELP headgate_decisions_total Decisions made
# TYPE headgate_decisions_total counter
headgate_decisions_total 0
headgate_decisions_total{mode="idle"} 3
# HELP headgate_wan_up_bits_per_second Upload\\nof a WAN
# TYPE headgate_wan_up_bits_per_second gauge
headgate_wan_up_bits_per_second{router="a \\"b\\"\\\\",wan="wan"} 1500000
headgate_wan_up_bits_per_second{wan="late"} 7
# HELP headgate_cap_seconds Start to cap
# TYPE headgate_cap_seconds histogram
headgate_cap_seconds_bucket{le="0.1"} 1
headgate_cap_seconds_bucket{le="1"} 2
headgate_cap_seconds_bucket{le="+Inf"} 3
headgate_cap_seconds_sum 5.55
headgate_cap_seconds_count 3
`,
  );
});

t.test('a label without end is cut off, a name cannot be taken twice, and a series can go', async (t) => {
  const metrics = createMetrics();
  const users = metrics.gauge('headgate_users', 'x');
  for (let n = 0; n < 2_000; n++) users.set(n, { user: String(n) });
  t.equal(metrics.text().split('\n').length, 2 + 1_000 + 1);
  t.throws(() => metrics.counter('headgate_users', 'again'));
  t.throws(() => metrics.counter('Bad-Name', 'x'));
  users.remove({ user: '5' });
  t.notMatch(metrics.text(), /user="5"/);
});
