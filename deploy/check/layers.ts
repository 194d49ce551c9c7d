// Gate: imports go downwards, features stay apart, pure files stay pure.
import type { Gate } from './gate.ts';
import { layerFaults } from './layer-rules.ts';
import { isCode } from './tree.ts';

export const layers: Gate = {
  name: 'layers',
  async look(tree) {
    const sources = tree.sources();
    return { read: sources.length, expected: tree.files.filter(isCode).length, faults: layerFaults(sources) };
  },
};
