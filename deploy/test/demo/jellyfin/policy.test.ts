// How a policy is read: whole, permissive, and by .NET's rules for numbers.
import t from 'tap';
import { newUserPolicy, providers, readPolicy } from '../../../demo/jellyfin/policy.ts';

const whole = (patch: Readonly<Record<string, unknown>>) => readPolicy({ ...newUserPolicy(), ...patch }, true);
const limit = (value: unknown) => {
  const reading = whole({ RemoteClientBitrateLimit: value });
  return 'policy' in reading ? reading.policy.RemoteClientBitrateLimit : 'refused';
};

t.test('numbers are int32, also in a string', async (t) => {
  for (const [given, stored] of [
    [-1, -1],
    ['4000000', 4_000_000],
    [2_147_483_647, 2_147_483_647],
  ] as const)
    t.equal(limit(given), stored);
  for (const given of [1.5, 3e9, null, '1.5', true, 2_147_483_648, -2_147_483_649, []])
    t.equal(limit(given), 'refused', JSON.stringify(given));
});

t.test('what is left out takes the permissive default of the class', async (t) => {
  const before = newUserPolicy({
    EnableAllFolders: false,
    BlockedTags: ['x'],
    IsAdministrator: true,
    RemoteClientBitrateLimit: 5,
  });
  t.match(before, { EnableAllFolders: false, BlockedTags: ['x'], RemoteClientBitrateLimit: 5 });
  const reading = readPolicy(providers, true);
  t.match(reading, {
    policy: {
      EnableAllFolders: true,
      EnableAllDevices: true,
      IsHidden: true,
      IsAdministrator: false,
      BlockedTags: [],
      RemoteClientBitrateLimit: 0,
      EnableLiveTvManagement: true,
    },
  });
});

t.test('both provider ids are required, unknown fields are dropped, names count in any letter case', async (t) => {
  const reading = readPolicy({ RemoteClientBitrateLimit: 1 }, true);
  t.same('errors' in reading && Object.keys(reading.errors), ['PasswordResetProviderId', 'AuthenticationProviderId']);
  t.notOk('Foo' in { ...newUserPolicy({ Foo: 1 }) });
  t.match(readPolicy({ ...providers, remoteclientbitratelimit: 7 }, true), { policy: { RemoteClientBitrateLimit: 7 } });
  t.match(readPolicy(null, true), { errors: { newPolicy: [String] } });
});

t.test('log-in attempts: 0 becomes 3, −1 stays; fields that a version does not know are dropped', async (t) => {
  t.match(whole({ LoginAttemptsBeforeLockout: 0 }), { policy: { LoginAttemptsBeforeLockout: 3 } });
  t.match(whole({ LoginAttemptsBeforeLockout: -1 }), { policy: { LoginAttemptsBeforeLockout: -1 } });
  t.match(whole({ MaxParentalSubRating: 2 }), { policy: { MaxParentalSubRating: 2 } });
  t.notOk('MaxParentalSubRating' in { ...readPolicy({ ...newUserPolicy(), MaxParentalSubRating: 2 }, false) }, 'on 10.10');
});
