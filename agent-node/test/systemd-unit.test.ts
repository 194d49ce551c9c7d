// The node's systemd unit: checked by systemd itself where it is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const unit = readFileSync(new URL('../../deploy/systemd/headgate-agent-node.service', import.meta.url), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).error === undefined;

t.test('row 239: the unit has a user and an environment file, restarts for ever, and writes to the library alone', async (t) => {
  for (const line of [
    'User=headgate-node',
    'EnvironmentFile=-/etc/headgate/agent-node.env',
    'Restart=always',
    'RestartSec=10',
    'ProtectSystem=strict',
    'ReadWritePaths=/srv/media',
    'WantedBy=multi-user.target',
  ])
    t.ok(unit.split('\n').includes(line), line);
});

t.test('row 239: systemd-analyze finds nothing wrong', { skip: hasSystemd ? false : 'no systemd here' }, async (t) => {
  const file = join(t.testdir(), 'headgate-agent-node.service');
  const verify = (text: string): string => {
    writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8', timeout: 30_000 });
    return stderr
      .split('\n')
      .filter((line) => line.includes('headgate-agent-node'))
      .join('\n');
  };
  t.equal(verify(unit), '');
  t.match(verify(unit.replace('RestartSec=', 'RestartSecs=')), /Unknown key/, 'and would find a mistake');
});
