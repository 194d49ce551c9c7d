// What webtorrent lacks: its download limit is one for all peers. Here connections from free networks are taken out of it.
import type { BlockList, Socket } from 'node:net';
import type { ThrottleGroup } from 'webtorrent';
import { isIn } from './networks.ts';

/** To be called before there are connections. Each of them is piped into a throttle of its own, and that is where it is known whose it is. */
export function freeDownloads(group: ThrottleGroup, free: BlockList): void {
  const make = group.throttle.bind(group);
  group.throttle = () => {
    const throttle = make();
    throttle.once('pipe', (connection: Socket) => {
      if (!isIn(free, connection.remoteAddress ?? '')) return;
      throttle.setEnabled(false);
      // The group says it to all of its own whenever the limit changes.
      throttle.setEnabled = () => {};
    });
    return throttle;
  };
}
