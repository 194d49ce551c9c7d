// A quarter of an hour of two channels in seconds; drift.soak.ts plays a day (ruling 5).
import t from 'tap';
import { driftCases, proveNoDrift } from './fixtures/drift-proof.ts';

for (const one of await driftCases())
  t.test(`no drift and no error in a quarter of an hour: ${one.name}`, (t) => proveNoDrift(t, one, 0.25));
