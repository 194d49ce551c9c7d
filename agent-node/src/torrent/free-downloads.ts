// What webtorrent lacks: its download limit is one for all peers. Here connections from free networks are taken out of it.
import type { Socket } from 'node:net';
import type { ThrottleGroup } from 'webtorrent';
import { isIn, type Networks } from './networks.ts';

/**
 * To be called before there are connections. Each of them is piped into a throttle of its own, and that is where it is known whose it is.
 * `isPaused`: the limit is 0, and holds for them as well.
 */
export function freeDownloads(group: ThrottleGroup, free: Networks, isPaused: () => boolean): void {
  const make = group.throttle.bind(group);
  group.throttle = () => {
    const throttle = make();
    throttle.once('pipe', (connection: Socket) => {
      if (!isIn(free, connection.remoteAddress ?? '')) return;
      const enable = throttle.setEnabled.bind(throttle);
      // The group says it to all of its own whenever the limit changes.
      throttle.setEnabled = (on) => enable(on && isPaused());
      enable(isPaused());
    });
    return throttle;
  };
}
