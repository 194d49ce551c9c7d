// Gate: files are small, named for what they do, and keep no state of their own.
import type { Gate } from './gate.ts';
import { nameFaults, shapeFaults } from './shape-rules.ts';
import { isCode, isForeign } from './tree.ts';

export const shape: Gate = {
  name: 'shape',
  async look(tree) {
    const sources = tree.sources();
    const others = tree.files.filter((path) => !isCode(path) && !isForeign(path));
    const faults = [...sources.flatMap(shapeFaults), ...others.flatMap(nameFaults)];
    return { read: sources.length, expected: tree.files.filter(isCode).length, faults };
  },
};
