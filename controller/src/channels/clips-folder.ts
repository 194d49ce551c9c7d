// The folder of clips on this machine (channels.commercials_path), as one more library beside those of the media servers. Pure.

/** What a filler of clips takes where it names nothing. No media server can have this name. */
export const CLIPS_FOLDER = { server: 'this machine', id: 'commercials', name: 'channels.commercials_path' } as const;
