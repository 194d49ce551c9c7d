// Ties one part that tells to others that listen, where neither knows the other.

export type Listeners = {
  /** Answers with a function that ends it. */
  on(listener: () => void): () => void;
  tell(): void;
};

export function createListeners(): Listeners {
  const listeners = new Set<() => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell() {
      for (const listener of listeners) listener();
    },
  };
}
