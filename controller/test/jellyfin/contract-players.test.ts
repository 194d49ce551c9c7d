// What Headgate asks of running players, asked of every Jellyfin at hand (contract-subject.ts): it reaches the player in the words that the web client knows.
import t, { type Test } from 'tap';
import { contractSubjects, type Subject } from './contract-subject.ts';
import { fastClock, openTest, until, watched } from './neighbours.ts';

const SIGNAL = () => AbortSignal.timeout(10_000);

async function asked(t: Test, subject: Subject): Promise<void> {
  const { film, viewer, believesForwarding: remote } = subject;
  if (!film) return;
  using heard = await viewer.listen();
  await using server = openTest(subject, { clock: fastClock(subject.haste) });
  await using watch = watched(server);
  const mine = () => watch.ear.streams().find(({ userId }) => userId === subject.userId);
  await viewer.start(film.id, { remote, positionMs: 60_000 });
  await until('it plays and can be asked', () => mine()?.skills?.renegotiates === true, 10_000);
  const stream = mine();
  if (!stream) return;
  const sent = (type: string) => heard.messages.filter(({ MessageType }) => MessageType === type).map(({ Data }) => Data);
  t.equal(await server.players.renegotiate(stream, SIGNAL()), true);
  await until('the track', () => sent('GeneralCommand').length === 1);
  t.match(sent('GeneralCommand'), [{ Name: 'SetAudioStreamIndex', Arguments: { Index: '1' } }]);
  t.equal(await server.players.show(stream, 'Hällo "you"', SIGNAL()), true);
  await until('the text', () => sent('GeneralCommand').length === 2);
  t.match(sent('GeneralCommand')[1], { Name: 'DisplayMessage', Arguments: { Text: 'Hällo "you"', TimeoutMs: '8000' } });
  t.equal(await server.players.replay(stream, SIGNAL()), true);
  await until('the film anew', () => sent('Play').length === 1);
  t.match(sent('Play'), [{ PlayCommand: 'PlayNow', AudioStreamIndex: 1 }]);
  const play = sent('Play')[0] as { readonly ItemIds: readonly string[]; readonly StartPositionTicks: number };
  t.equal(play.ItemIds.map((id) => id.replaceAll('-', '')).join(), film.id);
  t.ok(play.StartPositionTicks >= 600_000_000, 'at its place');
  await viewer.progress(film.id, { remote, positionMs: 61_000, paused: true });
  await until('paused', () => mine()?.paused === true, 7_000);
  t.equal(await server.players.renegotiate(stream, SIGNAL()), false, 'it would begin to play');
  await viewer.stop(film.id, { remote });
  await until('gone', () => mine() === undefined, 7_000);
  t.equal(await server.players.replay(stream, SIGNAL()), false);
  t.same([sent('GeneralCommand').length, sent('Play').length], [2, 1], 'nothing else was sent');
}

for (const [name, open] of contractSubjects(process.env))
  t.test(`${name}: a player that runs is asked, one that is paused or gone is not`, async (t) => {
    await using subject = await open();
    if (subject.film === null) t.comment('it has no film of more than 2.5 Mbit/s');
    else await asked(t, subject);
  });
