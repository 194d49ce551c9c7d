// What keeps a user from things, from one server's policy into another's.
import t from 'tap';
import { policyAnswer } from '../../../src/jellyfin/sync/people-schemas.ts';
import { grant, otherThan, policyOf, rightsOf } from '../../../src/jellyfin/sync/user-rights.ts';

const providers = { AuthenticationProviderId: 'a', PasswordResetProviderId: 'p' };
const FOLDERS = [
  { Name: 'Films', ItemId: 'f1' },
  { Name: 'Shows', ItemId: 'f2' },
  { Name: 'Kids', ItemId: 'f3' },
];
const policy = (fields: Readonly<Record<string, unknown>>) => policyAnswer.parse({ ...providers, ...fields });

t.test('row 260: whoever sees all libraries sees those that are there, each by its name', async (t) => {
  t.same(rightsOf(policy({ EnableAllFolders: true }), FOLDERS).libraries, ['Films', 'Shows', 'Kids']);
  t.same(rightsOf(policy({ EnableAllFolders: false, EnabledFolders: ['F-3', 'gone'] }), FOLDERS).libraries, ['Kids']);
});

t.test('libraries are granted by the same name; what is unclear is not', async (t) => {
  t.same(grant(['films ', 'Kids', 'Opera'], FOLDERS), { ids: ['f1', 'f3'], libraries: ['films ', 'Kids'], missing: ['Opera'] });
  const two = [...FOLDERS, { Name: 'KIDS', ItemId: 'f4' }];
  t.same(grant(['Kids'], two), { ids: [], libraries: [], missing: ['Kids'] });
  t.same(grant(['Kids'], [{ Name: 'Kids' }]).ids, [], 'a library that was never scanned has no id yet');
});

t.test('a policy says the rights of another, and nothing opens that was closed', async (t) => {
  const source = policy({
    IsDisabled: true,
    MaxParentalRating: 12,
    BlockedTags: ['war'],
    AllowedTags: ['family'],
    BlockUnratedItems: ['Movie'],
    EnableAllFolders: false,
    EnabledFolders: ['f3'],
    EnableLiveTvAccess: false,
  });
  const rights = rightsOf(source, FOLDERS);
  const there = [{ Name: 'kids', ItemId: 'z9' }];
  const granted = grant(rights.libraries, there);
  const written = policyOf(rights, granted);
  t.match(written, {
    IsDisabled: true,
    MaxParentalRating: 12,
    BlockedTags: ['war'],
    AllowedTags: ['family'],
    BlockUnratedItems: ['Movie'],
    EnableAllFolders: false,
    EnabledFolders: ['z9'],
    EnableAllChannels: false,
    EnableLiveTvAccess: false,
  });
  t.equal(otherThan(rights, granted, policy(written)), null);
  for (const [field, value] of Object.entries({
    IsDisabled: false,
    MaxParentalRating: 18,
    BlockedTags: [],
    AllowedTags: [],
    BlockUnratedItems: [],
    EnableAllFolders: true,
    EnabledFolders: ['z9', 'z8'],
    EnableLiveTvAccess: true,
    IsAdministrator: true,
  }))
    t.equal(otherThan(rights, granted, policy({ ...written, [field]: value })), field);
});
