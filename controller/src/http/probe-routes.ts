// What machines ask: is it alive, is it ready, what are its numbers.
import { z } from 'zod';
import { isLoopback } from './client-address.ts';
import type { Metrics } from './metrics.ts';
import { type RequestFacts, type Route, route } from './route.ts';

/** One thing that must be right for Headgate to do its work. `problem` is a sentence for a person; `since` UTC ms, when this state began. */
export type ReadyCheck = {
  readonly name: string;
  readonly ok: boolean;
  readonly problem: string | null;
  readonly since: number;
};

export type ProbeDeps = {
  readonly version: string;
  readonly ready: () => readonly ReadyCheck[];
  readonly metrics: Metrics;
  /** As `http.metrics`: public, or with a token of scope read. */
  readonly metricsAccess: 'token' | 'public';
};

const tags = ['probes'];

export const probeRoutes = ({ version, ready, metrics, metricsAccess }: ProbeDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/healthz',
    summary: 'The process lives',
    description: 'Says nothing of its neighbours: restarting Headgate does not mend a dead Jellyfin.',
    tags,
    access: 'public',
    response: z.object({ status: z.literal('ok'), version: z.string() }),
    handler: () => ({ status: 'ok' as const, version }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    summary: 'Every neighbour answers and the capacity is known',
    description: '200 where all is well, else 503. Reasons are told to this machine and to those who are logged in.',
    tags,
    access: 'public',
    response: z.object({
      ready: z.boolean(),
      checks: z.array(z.object({ name: z.string(), ok: z.boolean(), problem: z.string().nullable(), since: z.iso.datetime() })),
    }),
    handler(facts) {
      const checks = ready();
      const isReady = checks.every((check) => check.ok);
      if (!isReady) facts.reply.status(503);
      const open = mayKnowWhy(facts);
      return {
        ready: isReady,
        checks: checks.map(({ name, ok, problem, since }) => ({
          name,
          ok,
          problem: open ? problem : null,
          since: new Date(since).toISOString(),
        })),
      };
    },
  }),
  route({
    method: 'get',
    path: '/metrics',
    summary: 'Numbers for Prometheus',
    tags,
    access: metricsAccess === 'public' ? 'public' : 'read',
    response: z.string(),
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    handler: () => metrics.text(),
  }),
];

/** Reasons name hosts of the home. A proxy on this machine looks like this machine, unless it says for whom it asks. */
const mayKnowWhy = ({ caller, address, header }: RequestFacts): boolean =>
  caller.kind !== 'nobody' || (isLoopback(address) && header('x-forwarded-for') === null);
