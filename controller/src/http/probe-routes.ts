// What machines ask: is it alive, is it ready, what are its numbers.
import { z } from 'zod';
import { isLoopback } from './client-address.ts';
import type { Metrics } from './metrics.ts';
import { type RequestFacts, type Route, route } from './route.ts';

/** One thing that must be right for Headgate to do all of its work. `problem` is a sentence for a person; `since` UTC ms, when this state began. */
export type ReadyCheck = {
  readonly name: string;
  readonly ok: boolean;
  /** Without it Headgate can take no requests in: a proxy is to send them elsewhere, or nowhere. What others lack is only told. */
  readonly isRequired: boolean;
  readonly problem: string | null;
  readonly since: number;
};

export type ProbeDeps = {
  readonly version: string;
  /** Rejects where nothing can be kept any more: then only a restart, or a person, helps. */
  readonly storeIsThere: () => Promise<void>;
  readonly ready: () => readonly ReadyCheck[];
  /** UTC ms. */
  readonly now: () => number;
  readonly metrics: Metrics;
  /** As `http.metrics`: public, or with a token of scope read. */
  readonly metricsAccess: 'token' | 'public';
};

const tags = ['probes'];

export const probeRoutes = ({ version, ready, now, metrics, metricsAccess, storeIsThere }: ProbeDeps): readonly Route[] => [
  // The second is what JellyStream's containers ask.
  ...(['/healthz', '/health'] as const).map((path) => healthRoute(path, version, storeIsThere)),
  route({
    method: 'get',
    path: '/api',
    summary: 'What answers here',
    tags,
    access: 'public',
    response: z.object({ name: z.string(), version: z.string(), docs: z.string() }),
    handler: () => ({ name: 'Headgate', version, docs: '/docs' }),
  }),
  route({
    method: 'get',
    path: '/readyz',
    summary: 'Requests can be taken in; and what else is not well',
    description:
      '503 only where something that is `required` is down: our store, or who works on what servers send. A neighbour that does not answer is listed with its age, and all others go on. Reasons are told to this machine and to those who are logged in.',
    tags,
    access: 'public',
    response: z.object({
      ready: z.boolean(),
      checks: z.array(
        z.object({
          name: z.string(),
          ok: z.boolean(),
          required: z.boolean(),
          problem: z.string().nullable(),
          since: z.iso.datetime(),
          age_seconds: z.number().describe('How long it has been so.'),
        }),
      ),
    }),
    handler(facts) {
      const checks = ready();
      const isReady = checks.every((check) => check.ok || !check.isRequired);
      if (!isReady) facts.reply.status(503);
      const open = mayKnowWhy(facts);
      return {
        ready: isReady,
        checks: checks.map(({ name, ok, isRequired, problem, since }) => ({
          name,
          ok,
          required: isRequired,
          problem: open ? problem : null,
          since: new Date(since).toISOString(),
          age_seconds: Math.max(0, Math.round((now() - since) / 1_000)),
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

const healthRoute = (path: `/${string}`, version: string, storeIsThere: ProbeDeps['storeIsThere']): Route =>
  route({
    method: 'get',
    path,
    summary: 'The process lives and can keep what it must',
    description:
      'Says nothing of its neighbours: restarting Headgate does not mend a dead Jellyfin. 503 where its database is gone.',
    tags,
    access: 'public',
    response: z.object({ status: z.enum(['ok', 'store_gone']), version: z.string() }),
    async handler({ reply }) {
      const there = await storeIsThere().then(
        () => true,
        () => false,
      );
      if (!there) reply.status(503);
      return { status: there ? ('ok' as const) : ('store_gone' as const), version };
    },
  });

/** Reasons name hosts of the home. A proxy on this machine looks like this machine, unless it says for whom it asks. */
const mayKnowWhy = ({ caller, address, header }: RequestFacts): boolean =>
  caller.kind !== 'nobody' || (isLoopback(address) && header('x-forwarded-for') === null);
