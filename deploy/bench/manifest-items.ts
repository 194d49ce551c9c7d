// Pure: items of a manifest as a home has them, as many as wanted.
export const manifestItems = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    title: `Film number ${i} (${1_900 + i})`,
    torrent: `magnet:?xt=urn:btih:${String(i).padStart(40, '0')}&dn=Film`,
    path: `Film number ${i}/Film number ${i}.mkv`,
    sha256: String(i).padStart(64, '0'),
    size: 4_000_000_000 + i,
    info_hash: String(i).padStart(40, '0'),
  }));
