// Which of a server's channels is ours, although Jellyfin changes names and has channels of others.
import t from 'tap';
import { seenAs } from '../../../src/channels/registration/seen-channel.ts';

const seen = [
  { id: 'a', name: 'Films', number: '101' },
  { id: 'b', name: 'Crime', number: '102' },
  { id: 'c', name: 'News', number: '102' },
  { id: 'd', name: 'Old & new', number: '103' },
];

t.test('by number and name', async (t) => {
  t.equal(seenAs({ number: '101', name: 'Films' }, seen)?.id, 'a');
  t.equal(seenAs({ number: '102', name: '5 Crime' }, seen)?.id, 'b', 'its number was taken off (seen on 12.0.0)');
  t.equal(seenAs({ number: '103', name: 'Best of, old & new' }, seen)?.id, 'd', 'cut at its comma (seen on 12.0.0)');
});

t.test('a channel of somebody else under our number is not ours', async (t) => {
  t.equal(seenAs({ number: '101', name: 'Cartoons' }, seen), null);
  t.equal(seenAs({ number: '999', name: 'Films' }, seen), null);
  t.equal(seenAs({ number: '102', name: 'Crime News' }, seen), null, 'two fit');
});
