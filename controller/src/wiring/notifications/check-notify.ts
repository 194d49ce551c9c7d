// For `--test notify`: a test message to each sink, and what came of it in one line each.
import { randomUUID } from 'node:crypto';
import { ControllerError } from '../../errors.ts';
import { testMessage } from '../../notify/notifications.ts';
import type { CheckDeps } from '../hear-router.ts';
import { openSink } from './open-sink.ts';

export type NotifyLine = { readonly name: string; readonly run: (signal: AbortSignal) => Promise<string> };

/** One for each sink. */
export const notifyLines = ({ config, clock }: CheckDeps): readonly NotifyLine[] =>
  config.notifications.sinks.map((one) => ({
    name: `notify: ${one.name}`,
    async run(signal) {
      await using sink = openSink(one, { home: config.home.name, publicUrl: config.http.publicUrl, now: clock.now });
      const from = clock.monotonic();
      const outcome = await sink.send(testMessage(randomUUID(), clock.now()), signal);
      if (outcome.kind !== 'delivered') throw new ControllerError('upstream_failed', outcome.problem);
      return `took the test message in ${Math.round(clock.monotonic() - from)} ms`;
    },
  }));
