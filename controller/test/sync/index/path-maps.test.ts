// The paths of one file on several servers brought to one.
import t from 'tap';
import { mappedPath } from '../../../src/sync/index/path-maps.ts';

const maps = [
  { server: 'attic', from: '/mnt/media', to: '/' },
  { server: 'attic', from: '/mnt/media/tv/', to: '/shows/' },
  { server: 'office', from: 'D:\\Media', to: '/films' },
  { server: 'office', from: '\\\\nas\\share', to: '/shared' },
  { server: 'root', from: '/', to: '/all' },
];

t.test('the longest map of the server fits, at borders of folders', async (t) => {
  t.equal(mappedPath('attic', '/mnt/media/films/A.mkv', maps), '/films/A.mkv');
  t.equal(mappedPath('attic', '/mnt/media/tv/A/1.mkv', maps), '/shows/A/1.mkv');
  t.equal(mappedPath('attic', '/mnt/media/tv2/A/1.mkv', maps), '/tv2/A/1.mkv');
  t.equal(mappedPath('attic', '/mnt/media2/A.mkv', maps), '/mnt/media2/A.mkv');
  t.equal(mappedPath('attic', '/mnt/media/tv', maps), '/shows');
  t.equal(mappedPath('root', '/a/B.mkv', maps), '/all/a/B.mkv');
  t.equal(mappedPath('cellar', '/mnt/media/films/A.mkv', maps), '/mnt/media/films/A.mkv', 'another server');
});

t.test('a server on Windows: forward slashes, letters as they are', async (t) => {
  t.equal(mappedPath('office', 'D:\\Media\\The Film\\The Film.mkv', maps), '/films/The Film/The Film.mkv');
  t.equal(mappedPath('office', 'd:\\media\\A.mkv', maps), 'd:/media/A.mkv', 'case is compared exactly');
  t.equal(mappedPath('office', '\\\\nas\\share\\A.mkv', maps), '/shared/A.mkv');
});
