// A process of its own for the kill test: takes hooks as fast as it can and says which were acknowledged. Arguments: folder, number of the first.
import { type InboxTables, openInboxStore } from '../../../src/sync/intake/inbox-store.ts';
import { hook, openInboxDatabase } from './inbox-database.ts';

const [, , folder = '', first = '0'] = process.argv;
await using database = await openInboxDatabase(folder);
const inbox = await openInboxStore(database.tables<InboxTables>());
let next = Number(first);
const write = async (): Promise<void> => {
  for (;;) {
    const n = next++;
    await inbox.add(hook(n));
    process.stdout.write(`+${n}\n`);
  }
};
await Promise.all(Array.from({ length: 50 }, write));
