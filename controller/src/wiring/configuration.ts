// The configuration, read or made from another program's, by the algorithms that there are.
import { builtInAllocators } from '../bandwidth/allocators/built-in.ts';
import type { Config } from '../config/config-schema.ts';
import { type ImportAnswer, type ImportOptions, importConfig } from '../config/import/import-config.ts';
import { type LoadConfigOptions, loadConfig } from '../config/load-config.ts';

const algorithms = (): readonly string[] => Object.keys(builtInAllocators);

export const readConfiguration = (options: Omit<LoadConfigOptions, 'algorithms'>): Promise<Config> =>
  loadConfig({ ...options, algorithms: algorithms() });

export const importConfiguration = (options: Omit<ImportOptions, 'algorithms'>): Promise<ImportAnswer> =>
  importConfig({ ...options, algorithms: algorithms() });
