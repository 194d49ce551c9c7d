// The files that a check looks at: what git tracks or would track, under one root.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource, type Source } from './read-source.ts';

export type Tree = {
  readonly root: string;
  /** Paths below root, with `/`; sorted. */
  readonly files: readonly string[];
  read(path: string): string;
  /** All TypeScript and JavaScript files, parsed; once per tree. */
  sources(): readonly Source[];
};

/** A checkout that belongs to another user (a container's, a CI's) is read all the same; listing runs nothing of it. */
const TRUSTED = ['-c', 'safe.directory=*'];

/** Recordings and golden examples are what somebody else said: no rule of ours holds for them. */
export const isForeign = (path: string): boolean => /(^|\/)(recordings|golden)\//.test(path);

export const isCode = (path: string): boolean => /\.(ts|mjs|js)$/.test(path) && !isForeign(path);

export function openTree(root: string): Tree {
  const listed = execFileSync('git', [...TRUSTED, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  let parsed: readonly Source[] | undefined;
  return {
    root,
    files,
    read,
    sources() {
      parsed ??= files.filter(isCode).map((path) => readSource(path, read(path)));
      return parsed;
    },
  };
}
