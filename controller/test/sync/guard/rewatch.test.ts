// Ruling 4: that a film is unwatched while it is watched again is no statement; where it stood watched, it is again once the player has ended.
import t from 'tap';
import type { Place } from '../../../src/sync/state/sync-tables.ts';
import { openInProcessHome, until } from '../in-process-home.ts';

t.test(
  'row 307: watching again on 10.11 takes the mark away nowhere else, and it is back there when the player has ended',
  async (t) => {
    const sessions: { list: () => readonly Record<string, unknown>[] } = { list: () => [] };
    // As the wiring does it, from what the server says plays.
    const isPlaying = ({ server, itemId }: Place): boolean =>
      server === 'barn' && sessions.list().some((one) => (one['NowPlayingItem'] as { Id?: string } | undefined)?.Id === itemId);
    const home = await openInProcessHome(t, {
      servers: { attic: { version: '12.0.0' }, barn: { version: '10.11.11' }, cabin: { version: '10.10.7' } },
      isPlaying,
    });
    const [attic, barn, cabin] = ['attic', 'barn', 'cabin'].map((name) => home.server(name));
    if (!attic || !barn || !cabin) return;
    sessions.list = barn.sim.sessions;
    attic.sim.importWatched('anna', attic.itemId('Film 0'), {
      played: true,
      playCount: 1,
      lastPlayed: '2026-01-01T00:00:00.0000000Z',
    });
    await home.start();
    await until('all have it', () => barn.has('anna', 'Film 0').played && cabin.has('anna', 'Film 0').played);

    const anna = await barn.logIn('anna');
    const film = { ItemId: barn.itemId('Film 0'), PlaySessionId: 'again', PlayMethod: 'DirectPlay', CanSeek: true };
    await anna.call('POST', '/Sessions/Playing', { ...film, PositionTicks: 0 });
    await until('10.11 took the mark away', () => !barn.has('anna', 'Film 0').played);
    await anna.call('POST', '/Sessions/Playing/Progress', { ...film, PositionTicks: 20_000_000_000 });
    await until('the position goes on', () => attic.has('anna', 'Film 0').positionTicks === 20_000_000_000);
    t.ok(attic.has('anna', 'Film 0').played);
    t.ok(cabin.has('anna', 'Film 0').played);
    t.notOk(barn.has('anna', 'Film 0').played, 'nothing is written there while it plays');
    await anna.call('POST', '/Sessions/Playing/Stopped', { ...film, PositionTicks: 24_000_000_000 });
    await until('it is watched there again', () => barn.has('anna', 'Film 0').played, 40_000);
    await until('and the last position is everywhere', () =>
      [attic, cabin].every((one) => one.has('anna', 'Film 0').positionTicks === 24_000_000_000),
    );
    t.equal(barn.has('anna', 'Film 0').positionTicks, 24_000_000_000, 'with the position');
    t.ok(attic.has('anna', 'Film 0').played);
    t.ok(cabin.has('anna', 'Film 0').played);
  },
);
