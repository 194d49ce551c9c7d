// A day of two channels on a clock turned by hand, read by a real ffmpeg as well: schedule and picture agree within a GOP, no error (ruling 5).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { driftCases, proveNoDrift } from './fixtures/drift-proof.ts';

for (const one of await driftCases())
  t.test(`no drift and no error in 24 hours: ${one.name}`, async (t) => {
    const copy = ['-loglevel', 'level+debug', '-i', 'pipe:0', '-map', '0', '-c', 'copy', '-f', 'mpegts', '-y', '/dev/null'];
    const ffmpeg = spawn('ffmpeg', copy, { stdio: ['pipe', 'ignore', 'pipe'] });
    const faults: string[] = [];
    const wrong = /Continuity check failed|corrupt|non.monoton|out of order|\[(warning|error|fatal)\]/i;
    ffmpeg.stderr.on('data', (text: Buffer) => {
      for (const line of text.toString().split('\n')) if (wrong.test(line) && faults.length < 100) faults.push(line);
    });
    const ended = once(ffmpeg, 'close');
    await proveNoDrift(t, one, 24, async (bytes) => {
      if (!ffmpeg.stdin.write(bytes)) await once(ffmpeg.stdin, 'drain');
    });
    ffmpeg.stdin.end();
    const [code] = await ended;
    t.equal(code, 0);
    t.same(faults, [], 'nor does ffmpeg find any');
  });
