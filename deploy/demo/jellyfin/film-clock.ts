// Where a scripted viewer is in its film: runs `speed` times faster than the wall, stands while paused or loading.

export type FilmClock = {
  /** ms of film. */
  position(): number;
  /** Stands at `ms`. */
  stand(ms?: number): void;
  run(): void;
};

export function createFilmClock(speed: number): FilmClock {
  let positionMs = 0;
  let runningSince: number | null = null;
  const position = () => positionMs + (runningSince === null ? 0 : (performance.now() - runningSince) * speed);
  return {
    position,
    stand(ms = position()) {
      positionMs = ms;
      runningSince = null;
    },
    run() {
      positionMs = position();
      runningSince = performance.now();
    },
  };
}
