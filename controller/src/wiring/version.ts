// The version of this program, as it is told to neighbours, brokers and people.

export const VERSION = '0.1.0';
