// What Jellyfin's playlist calls answer with, as far as it is read. Pure.
import * as z from 'zod';

/** Of GET /Items with includeItemTypes=Playlist and fields=CanDelete. */
export const playlistAnswer = z.object({
  Id: z.string().min(1),
  Type: z.literal('Playlist'),
  Name: z.string().nullish(),
  /** True for whoever made it, and for every administrator. */
  CanDelete: z.boolean().nullish(),
});
export type PlaylistAnswer = z.infer<typeof playlistAnswer>;

/** Of GET /Playlists/{id}/Items. An entry that does not fit would change the order unseen: then the whole answer is refused. */
export const entryPage = z.object({ Items: z.array(z.object({ Id: z.string().min(1), PlaylistItemId: z.string().min(1) })) });

/** POST /Playlists */
export const madePlaylist = z.object({ Id: z.string().min(1) });
