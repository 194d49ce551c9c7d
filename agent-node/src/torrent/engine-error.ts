// What can go wrong with the torrent process. What is thrown on purpose has a code from this closed list.

export type EngineErrorCode =
  /** A path, a .torrent file or an address that is not taken. */
  | 'input_invalid'
  /** The file or folder to be hashed is not there, or changed while it was read. */
  | 'not_readable'
  /** webtorrent is not installed. */
  | 'not_installed'
  /** The process ended, or more was asked of it than it queues. It starts again by itself. */
  | 'unavailable'
  | 'timeout';

/** `message` is a sentence fit for a person and free of secrets; `cause` keeps what lay below. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
