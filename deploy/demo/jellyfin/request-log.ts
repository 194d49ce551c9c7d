// What was asked of the simulator, and the faults that a test injects.

export type LoggedRequest = {
  readonly at: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** True for what changes something at the server: every method but GET, HEAD and OPTIONS, without log-ins. */
  readonly changing: boolean;
  /** `viewer` is a scripted viewer of this simulator, `socket` an upgrade. */
  readonly by: 'nobody' | 'key' | 'user' | 'viewer' | 'socket';
};

export type Fault = {
  readonly method?: string;
  readonly path: RegExp;
  /** Only requests by these; default all, scripted viewers too. */
  readonly by?: LoggedRequest['by'];
  /** How many matching requests it meets; default 1. */
  readonly times?: number;
  /** `hang` never answers, `reset` cuts the connection, `lost` does the work and then cuts the connection. */
  readonly answer: number | 'hang' | 'reset' | 'lost';
};

export type RequestLog = {
  requests(): readonly LoggedRequest[];
  forgetRequests(): void;
  record(request: Omit<LoggedRequest, 'at' | 'changing'>): void;
  inject(fault: Fault): void;
  clearFaults(): void;
  /** Takes one shot from the first fault that fits. */
  takeFault(request: Pick<LoggedRequest, 'method' | 'path' | 'by'>): Fault['answer'] | null;
};

/** A day of a busy controller fits; the oldest go first. */
const keptRequests = 100_000;

export function createRequestLog(now: () => number): RequestLog {
  const requests: LoggedRequest[] = [];
  const faults: { readonly fault: Fault; left: number }[] = [];
  return {
    requests: () => [...requests],
    forgetRequests: () => void requests.splice(0),
    record(request) {
      const reads = ['GET', 'HEAD', 'OPTIONS'].includes(request.method) || /^\/users\/authenticatebyname$/i.test(request.path);
      requests.push({ at: now(), changing: !reads, ...request });
      if (requests.length > keptRequests) requests.splice(0, keptRequests / 10);
    },
    inject: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    clearFaults: () => void faults.splice(0),
    takeFault(request) {
      const fits = ({ fault }: { readonly fault: Fault }) =>
        (fault.method ?? request.method) === request.method &&
        (fault.by ?? request.by) === request.by &&
        fault.path.test(request.path);
      const shot = faults.find((one) => one.left > 0 && fits(one));
      if (!shot) return null;
      shot.left -= 1;
      return shot.fault.answer;
    },
  };
}
