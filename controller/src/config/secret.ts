// A secret in hand: it prints as "[secret]" wherever it is logged, serialised or inspected by accident.

export type Secret = {
  /** The value itself. Call it only where it is handed to the neighbour. */
  readonly reveal: () => string;
  readonly toJSON: () => string;
};

/** Closes a value in. */
export const secretOf = (value: string): Secret => ({ reveal: () => value, toJSON: () => '[secret]' });

/** Whether a value is one of these. */
export const isSecret = (value: unknown): value is Secret => typeof value === 'object' && value !== null && 'reveal' in value;
