// The one limit of SABnzbd, of its downloads: read as bytes/s, written in the words that its value has there.
import { ControllerError } from '../errors.ts';
import { type LimitChanges, openLimitChanges } from '../neighbours/change-limit.ts';
import type { LimitSlot } from '../neighbours/download-client.ts';
import { maxAnswer, type Queue, queueAnswer } from './answers.ts';
import { fromBytesText, maxBytesOf, spell } from './limit-rate.ts';
import type { Api } from './open-api.ts';

export type Limits = LimitChanges & {
  /** Everything that is asked in a poll, in one answer. */
  read(signal: AbortSignal): Promise<Queue & { readonly limitBps: number }>;
};

export const openLimits = ({ name, api }: { readonly name: string; readonly api: Api }): Limits => {
  /** Of the last write. */
  let maxBytes = 0;

  const read: Limits['read'] = async (signal) => {
    // A limit of 0 jobs would be all of them.
    const { queue } = await api.ask(queueAnswer, { mode: 'queue', start: '0', limit: '1' }, signal);
    return { ...queue, limitBps: fromBytesText(queue.speedlimit_abs) };
  };
  const readSlot = async ({ direction, mode }: LimitSlot, signal: AbortSignal): Promise<number> => {
    if (direction !== 'download' || mode !== 'normal')
      throw new ControllerError('input_invalid', `${name}: SABnzbd has no ${mode} ${direction} limit, only one for downloads`);
    return (await read(signal)).limitBps;
  };
  const readMax = async (signal: AbortSignal): Promise<number> => {
    const fields = { mode: 'get_config', section: 'misc', keyword: 'bandwidth_max' };
    const { config } = await api.ask(maxAnswer, fields, signal);
    return maxBytesOf(String(config.misc?.bandwidth_max ?? ''));
  };
  const write = async (_slot: LimitSlot, bps: number, signal: AbortSignal): Promise<void> => {
    // Whoever comes from outside the LAN may be let in for limits, but not for the configuration: everything is bytes/s then.
    maxBytes = await readMax(signal).catch((error: unknown) => {
      if (error instanceof ControllerError && error.code === 'upstream_refused') return 0;
      throw error;
    });
    await api.tell({ mode: 'config', name: 'speedlimit', value: spell(bps, maxBytes).text }, signal);
  };
  return {
    read,
    ...openLimitChanges({
      name,
      read: readSlot,
      write,
      kept: (bps) => spell(bps, maxBytes).keptBps,
      takesNegative: true,
    }),
  };
};
