// Who is made where, and who is never deleted.
import t from 'tap';
import { personNamed, type UserMap } from '../../../src/sync/people/people.ts';
import { mayBeOurs, missingUsers, staysBecause, type UserServer } from '../../../src/sync/people/plan-users.ts';

const SERVERS: readonly UserServer[] = ['attic', 'barn', 'cabin'].map((name) => ({ name, direction: 'both' }));
const userAt = (server: string, name: string) => ({
  server,
  userId: `${name}-${server}`,
  name,
  isAdministrator: false,
  isDisabled: false,
});
const plan = (
  users: readonly ReturnType<typeof userAt>[],
  more: { servers?: readonly UserServer[]; map?: UserMap; undecided?: string[] } = {},
) => {
  const { servers = SERVERS, map = {}, undecided = [] } = more;
  const people = [...Map.groupBy(users, ({ server, name }) => personNamed(map, server, name))].map(([person, own]) => ({
    person,
    users: own,
  }));
  return missingUsers({ servers, people, map, undecided: new Set(undecided) }).map(
    ({ server, name, source }) => `${name}@${server} as ${source.server}`,
  );
};

t.test('rows 254, 260: who has a user on one server gets one on each other, whatever the letters', (t) => {
  t.same(plan([userAt('barn', 'Anna')]), ['Anna@attic as barn', 'Anna@cabin as barn']);
  t.same(plan([userAt('barn', 'Anna'), userAt('attic', 'anna'), userAt('cabin', 'ANNA')]), []);
  t.end();
});

t.test('the first configured server that has the person gives the rights', (t) => {
  t.same(plan([userAt('barn', 'anna'), userAt('attic', 'Anna')]), ['Anna@cabin as attic']);
  t.end();
});

t.test('nobody is made on a source, and what is on a target says nothing', (t) => {
  const servers: readonly UserServer[] = [
    { name: 'attic', direction: 'source' },
    { name: 'barn', direction: 'both' },
    { name: 'cabin', direction: 'target' },
  ];
  t.same(plan([userAt('barn', 'anna'), userAt('cabin', 'ben')], { servers }), ['anna@cabin as barn']);
  t.end();
});

t.test('row 304: users with other names by the map, and by the person where the map says nothing', (t) => {
  const map = { dad: { cabin: 'Father' } };
  t.same(plan([userAt('attic', 'Dad')], { map }), ['Dad@barn as attic', 'Father@cabin as attic']);
  t.same(plan([userAt('cabin', 'father')], { map }), ['dad@attic as cabin', 'dad@barn as cabin']);
  t.end();
});

t.test('about whom somebody must decide, nobody is made', (t) => {
  t.same(plan([userAt('attic', 'anna'), userAt('attic', 'ben')], { undecided: ['anna'] }), [
    'ben@barn as attic',
    'ben@cabin as attic',
  ]);
  t.end();
});

t.test('row 261: an administrator stays, and the last user of a server', (t) => {
  const listed = (id: string, more = {}) => ({ id, isAdministrator: false, isDisabled: false, ...more });
  t.match(staysBecause(listed('a', { isAdministrator: true }), [listed('a'), listed('b')]), /administrator/);
  t.match(staysBecause(listed('a'), [listed('a')]), /only user/);
  t.match(staysBecause(listed('a'), [listed('a'), listed('b', { isDisabled: true })]), /not disabled/);
  t.equal(staysBecause(listed('a'), [listed('a'), listed('b')]), null);
  t.equal(staysBecause(listed('a', { isDisabled: true }), [listed('a'), listed('b', { isDisabled: true })]), null);
  t.end();
});

t.test('whom we were cut off from making is known by having no rights yet, or ours; anybody else is not touched', (t) => {
  const rights = {
    ...{ isDisabled: false, maxParentalRating: null, maxParentalSubRating: null, blockedTags: [], allowedTags: [] },
    ...{ blockedUnrated: [], libraries: [], mayWatchLiveTv: true },
  };
  const wanted = { ...rights, maxParentalRating: 12, blockedTags: ['war'] };
  t.ok(mayBeOurs({ ...rights, libraries: ['Films', 'Shows'] }, wanted), 'as POST /Users/New makes them');
  t.ok(mayBeOurs({ ...wanted, isDisabled: true }, wanted), 'closed');
  t.ok(mayBeOurs(wanted, wanted), 'open');
  t.notOk(mayBeOurs({ ...rights, maxParentalRating: 6 }, wanted));
  t.notOk(mayBeOurs({ ...rights, isDisabled: true }, wanted));
  t.end();
});
