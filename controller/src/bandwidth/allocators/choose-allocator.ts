// The allocator that a name stands for.
import { ControllerError } from '../../errors.ts';
import type { Allocator, Allocators } from './allocator.ts';

/** A stored choice may name an allocator that a later version no longer has. @throws ControllerError config_invalid where there is none at all. */
export function allocatorOf(allocators: Allocators, name: string): Allocator {
  const allocator = allocators[name] ?? Object.values(allocators)[0];
  if (!allocator) throw new ControllerError('config_invalid', 'bandwidth.algorithm: none is registered');
  return allocator;
}
