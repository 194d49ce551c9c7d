// Pure: the allocators that come with Headgate, by the name that stands in the configuration.
import type { Allocators } from './allocator.ts';
import { demand } from './demand.ts';
import { equal } from './equal.ts';
import { priority } from './priority.ts';

export const builtInAllocators: Allocators = { equal, priority, demand };
