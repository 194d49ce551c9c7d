// Each channel's look, and whether its files may be copied: settled once they were seen to agree, then kept.
import type { Channel } from '../../channels/channel.ts';
import type { PictureStore } from '../../channels/picture-store.ts';
import type { AgreeOnCopy } from '../../channels/plan-steps.ts';
import { messageOf } from '../../errors.ts';
import { createListeners } from '../../listeners.ts';
import type { Log } from '../../log.ts';
import type { ChannelLook } from '../../on-air/live-messages.ts';
import { lookOf, sameFrames, sharedPicture } from './channel-looks.ts';

export type Looks = {
  readonly lookOf: (channel: Channel) => ChannelLook;
  /** Copies where all files share the picture that the channel has; the first to share one settle it, for the next session. */
  readonly agreeOnCopy: AgreeOnCopy;
  /** Called when a channel's picture was settled. Answers with a function that ends it. */
  onSettled(listener: () => void): () => void;
  forget(channelId: number): void;
};

export function createLooks(pictures: PictureStore, logosPath: string | null, log: Log): Looks {
  const settled = createListeners();
  return {
    lookOf: (channel) => lookOf(channel, pictures.get(channel.id), logosPath),
    agreeOnCopy(channel, files) {
      const shared = sharedPicture(files);
      if (shared === null) return false;
      const standing = pictures.get(channel.id);
      if (standing !== null) return sameFrames(standing, shared);
      pictures
        .keep(channel.id, shared)
        .then(settled.tell, (error: unknown) =>
          log.warn({ channel: channel.id, problem: messageOf(error) }, 'the picture of a channel could not be kept'),
        );
      return false;
    },
    onSettled: settled.on,
    forget: pictures.forget,
  };
}
