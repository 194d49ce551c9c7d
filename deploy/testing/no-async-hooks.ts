// Loaded before a test file: async hooks that do nothing. tap follows every promise with them, to tell which of a file's tests an uncaught error belongs
// to; that costs a quarter of what a test with many promises takes. Without them such an error ends the file, and is told here.
import asyncHooks, { type AsyncHook } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const hook: AsyncHook = { enable: () => hook, disable: () => hook };
asyncHooks.createHook = () => hook;
syncBuiltinESMExports();

process.on('uncaughtExceptionMonitor', (error, origin) => {
  const told = String(error instanceof Error ? error.stack : error).split('\n');
  // As tap writes what failed; not a test of its own.
  writeSync(1, ['', `not ok - ${origin}`, '  ---', ...told.map((line) => `  ${line}`), '  ...', ''].join('\n'));
});
