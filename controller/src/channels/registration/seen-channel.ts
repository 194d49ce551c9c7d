// Which of a server's channels is which of ours. Other tuners' channels are there too, and opening those is not for us. Pure.

export type SeenChannel = { readonly id: string; readonly name: string; readonly number: string | null };
export type OwnChannel = { readonly number: string; readonly name: string };

/** Jellyfin cuts a name at its last comma and takes a number off its front: what is left must be part of ours. */
const letters = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** By number and name. Null where none fits, or several do. */
export const seenAs = <Seen extends SeenChannel>({ number, name }: OwnChannel, seen: readonly Seen[]): Seen | null => {
  const own = letters(name);
  const fits = seen.filter((one) => one.number === number && own.includes(letters(one.name)));
  return fits.length === 1 ? (fits[0] ?? null) : null;
};
