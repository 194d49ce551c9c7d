// Ties one part that tells to others that listen, where neither knows the other.

export type Listeners<Args extends unknown[] = []> = {
  /** Answers with a function that ends it. */
  on(listener: (...args: Args) => void): () => void;
  tell(...args: Args): void;
};

export function createListeners<Args extends unknown[] = []>(): Listeners<Args> {
  const listeners = new Set<(...args: Args) => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(...args) {
      for (const listener of listeners) listener(...args);
    },
  };
}
