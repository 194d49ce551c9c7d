// The logo of a channel or the picture of a programme: fetched from where tuner or guide said, as the server does.
import type { Answer } from './answer.ts';
import type { LiveTv } from './live-tv.ts';

/** Null where there is none, or nobody answers. */
export async function channelImage(liveTv: LiveTv, id: string | null): Promise<Answer | null> {
  const programmes = liveTv.channels().flatMap((channel) => liveTv.programmes(channel.id));
  const url = liveTv.channel(id)?.imageUrl ?? programmes.find((programme) => programme.id === id)?.imageUrl;
  if (!url) return null;
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => null);
  if (!response?.ok) return null;
  const body = Buffer.from(await response.arrayBuffer());
  return { status: 200, type: response.headers.get('content-type') ?? 'image/png', body };
}
