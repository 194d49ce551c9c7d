// What a tool that sets the shaper's rate leaves to be seen on a router: its run files, its process, and procd's service.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type RateTool = 'cake-autorate' | 'sqm-autorate';
/** `killed`: the process is gone and what it had in /var/run stays; `by hand`: no service of procd knows of it. */
export type HowItRuns = 'runs' | 'by hand' | 'killed' | 'ended';

const PID = 4_321;

/** As cake-autorate 3.5 and sqm-autorate's service file do it. @param root of a simulated router */
export function showTool(root: string, tool: RateTool, how: HowItRuns): void {
  const file = (path: string): string => join(root, path);
  const services = how === 'runs' ? { [tool]: { instances: { instance1: { running: true } } } } : {};
  writeFileSync(file('state/services.json'), JSON.stringify(services));
  rmSync(file(`proc/${PID}`), { recursive: true, force: true });
  if (how === 'ended') {
    rmSync(file('var/run/cake-autorate'), { recursive: true, force: true });
    rmSync(file('var/run/sqm-autorate.pid'), { force: true });
  }
  if (how === 'ended' || how === 'killed') return;
  mkdirSync(file(`proc/${PID}`));
  writeFileSync(file(`proc/${PID}/stat`), `${PID} (bash) S 1\n`);
  if (tool === 'sqm-autorate') {
    writeFileSync(file('var/run/sqm-autorate.pid'), `${PID}\n`);
    return;
  }
  const folder = file('var/run/cake-autorate/primary');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'proc_pids'), `intercept_stderr=${PID + 2}\nmain=${PID}\nfping_pinger=${PID + 9}\n`);
}
