// What a node shall have: the whole wanted set, so that a message lost or said twice does no harm.
import * as z from 'zod/mini';
import { manifestItem } from './manifest.ts';
import { byteCount, moment } from './units.ts';

/** Retained. What is not in it any more, and was placed by the node itself, is taken away. An empty set is an order as well. */
export const nodeAssignment = z.object({
  assignment_id: z.string().check(z.minLength(1), z.maxLength(64)),
  at: moment,
  /** Left free on the node's disk, whatever the set says. */
  min_free_bytes: byteCount,
  items: z.array(manifestItem).check(
    z.maxLength(500),
    z.refine((items) => areUnique(items.map((item) => item.id)), 'an id stands there twice'),
    z.refine((items) => areUnique(items.flatMap((item) => item.files.map((file) => file.path))), 'a path stands there twice'),
  ),
});
export type NodeAssignment = z.infer<typeof nodeAssignment>;

/** Case counts for nothing: exFAT and a Mac would make one file of two. */
const areUnique = (names: readonly string[]): boolean => new Set(names.map((name) => name.toLowerCase())).size === names.length;
