// Pure: what a file is by its first bytes. SVG is not among them: it can hold scripts, and neither ffmpeg nor every TV shows it.

export type Picture = { readonly bytes: Uint8Array; readonly contentType: string };

/** PNG, JPEG, GIF or WebP; null for all else, whatever its name says. */
export function pictureType(bytes: Uint8Array): string | null {
  const has = (at: number, text: string): boolean =>
    [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
  if (has(0, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (has(0, '\xff\xd8\xff')) return 'image/jpeg';
  if (has(0, 'GIF87a') || has(0, 'GIF89a')) return 'image/gif';
  return has(0, 'RIFF') && has(8, 'WEBP') ? 'image/webp' : null;
}
