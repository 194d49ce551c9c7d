// The systemd unit: checked by systemd itself where it is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const unit = readFileSync(new URL('../../../deploy/systemd/headgate-controller.service', import.meta.url), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).error === undefined;

/** As its comment tells for `channels.acceleration`. */
const withHardware = unit
  .replace(/^PrivateDevices=yes$/m, '')
  .replace(/^# {3}(DevicePolicy|DeviceAllow|SupplementaryGroups)=/gm, '$1=');

/** What systemd says of a unit; the program that it starts is replaced by one that exists here. */
function verify(t: Test, text: string): string {
  const file = join(t.testdir(), 'headgate-controller.service');
  writeFileSync(file, text.replace('/opt/headgate/bin/node', process.execPath));
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8', timeout: 30_000 });
  return stderr
    .split('\n')
    .filter((line) => line.includes('headgate-controller'))
    .join('\n');
}

t.test('systemd-analyze finds nothing wrong', { skip: hasSystemd ? false : 'no systemd here' }, async (t) => {
  t.equal(verify(t, unit), '');
  t.match(verify(t, unit.replace('RestartSec=', 'RestartSecs=')), /Unknown key/, 'and would find a mistake');
  t.equal(verify(t, withHardware), '', 'nor with the lines for a GPU');
});

t.test('it restarts for ever and leaves time to put limits back', async (t) => {
  for (const line of [
    'Restart=always',
    'RestartSec=10',
    'TimeoutStopSec=30',
    'StateDirectory=headgate',
    'WantedBy=multi-user.target',
  ])
    t.ok(unit.split('\n').includes(line), line);
});

t.test(
  'ffmpeg is ended with the controller, reaches a GPU where the comment is followed, and is given memory as it needs',
  async (t) => {
    t.match(unit, /^KillMode=mixed$/m);
    t.notMatch(unit, /^Memory(Max|High)=/m);
    t.match(withHardware, /^DevicePolicy=closed\nDeviceAllow=char-drm rw\nSupplementaryGroups=render$/m);
    t.notMatch(withHardware, /^PrivateDevices=/m);
  },
);
