// Pure: the tables of migrations 016-distribution and 017-quarantines. Times are UTC ms.

export type DistributionTables = {
  /** `is_there` 0: deleted; the version stays, since nodes refuse one that is older than what they have. */
  distribution_groups: { name: string; is_there: number; version: number; issued_at: number };
  /** `item`: a `ManifestItem` as JSON. */
  distribution_items: { group_name: string; position: number; item: string };
  /** Items of which it was told that every node has them. */
  distribution_everywhere: { group_name: string; item_key: string; told_at: number };
  distribution_seeds: {
    id: string;
    path: string;
    size: number;
    mtime_ms: number;
    state: string;
    problem: string | null;
    places: string;
    info_hash: string | null;
    files: string | null;
    torrent: string | null;
    created_at: number;
  };
  /** Items of which it was told that a node has wrong bytes. */
  distribution_quarantines: { node: string; group_name: string; path: string; told_at: number };
  distribution_nodes: { node: string; site: string; groups: string; digest: string; created_at: number };
};
