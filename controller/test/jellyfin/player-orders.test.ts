// What a session says that its player can be asked for, held against recorded sessions of the real web client (facts/jellyfin.md §12).
import t from 'tap';
import { session as entry } from '../../src/jellyfin/jellyfin-schemas.ts';
import { audioIndex, playingNow, replayQuery, skillsOf } from '../../src/jellyfin/player-orders.ts';
import { playing } from '../bandwidth/fixtures/decision-input.ts';
import { recorded } from './recording.ts';

const session = entry.parse(recorded('q1-session-directplay'));
const AT = Date.parse(session.LastPlaybackCheckIn ?? '') + 5_000;
const stream = playing('x', { id: session.Id, itemId: session.NowPlayingItem?.Id ?? null });
const state = (change: object) => ({ ...session, PlayState: { ...session.PlayState, ...change } });

t.test('the web client negotiates, begins anew and shows texts; one without a socket does nothing', async (t) => {
  t.same(skillsOf(session), { renegotiates: true, replays: true, shows: true });
  t.same(skillsOf({ ...session, SupportsRemoteControl: false }), { renegotiates: false, replays: false, shows: false });
  t.same(skillsOf({ ...session, SupportedCommands: null }), { renegotiates: false, replays: true, shows: false });
  for (const AudioStreamIndex of [null, undefined, -1])
    t.equal(skillsOf(state({ AudioStreamIndex })).renegotiates, false, `index ${AudioStreamIndex}: never send`);
});

t.test('who is paused, silent, gone or at another film is not asked', async (t) => {
  t.equal(playingNow([session], stream, AT), session);
  t.equal(playingNow([state({ IsPaused: true })], stream, AT), null);
  t.equal(playingNow([state({ IsPaused: null })], stream, AT), null, 'not known');
  t.equal(playingNow([session], stream, AT + 25_000), null, 'two reports were missed');
  t.equal(playingNow([{ ...session, LastPlaybackCheckIn: null }], stream, AT), null);
  t.equal(playingNow([], stream, AT), null);
  t.equal(playingNow([{ ...session, NowPlayingItem: null }], stream, AT), null);
  t.equal(playingNow([session], { ...stream, itemId: 'another' }, AT), null);
});

t.test('only a track that the source has is sent: 99 would be taken', async (t) => {
  const Id = session.PlayState?.MediaSourceId ?? '';
  const source = (...tracks: { Type: string; Index: number }[]) => [{ Id: 'other' }, { Id, MediaStreams: tracks }];
  const [video, audio] = [
    { Type: 'Video', Index: 0 },
    { Type: 'Audio', Index: 1 },
  ];
  t.equal(audioIndex(session, source(video, audio)), 1);
  t.equal(audioIndex(state({ AudioStreamIndex: 99 }), source(video, audio)), null);
  t.equal(audioIndex(state({ AudioStreamIndex: 0 }), source(video, audio)), null, 'that is the picture');
  t.equal(audioIndex(session, []), null);
  t.equal(audioIndex(session, [{ Id: 'other', MediaStreams: [audio] }]), null);
});

t.test('a film begins anew where it is, with its tracks', async (t) => {
  const query = replayQuery(session);
  t.equal(query.get('playCommand'), 'PlayNow');
  t.equal(query.get('itemIds'), session.NowPlayingItem?.Id);
  t.equal(query.get('startPositionTicks'), '32132340');
  t.equal(query.get('audioStreamIndex'), '1');
  t.equal(query.get('subtitleStreamIndex'), '-1');
  t.equal(query.get('mediaSourceId'), session.PlayState?.MediaSourceId);
  t.notOk(replayQuery(state({ SubtitleStreamIndex: null })).has('subtitleStreamIndex'));
});
