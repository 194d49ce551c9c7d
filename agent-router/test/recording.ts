// Real answers of a router, copied from the project's recordings (see recordings/ for their source).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const recordingText = (name: string): string => readFileSync(join(import.meta.dirname, 'recordings', name), 'utf8');
export const recording = (name: string): unknown => JSON.parse(recordingText(name));
