// The shaper's plan over HTTP: what is planned, what was ordered, what stands, and why.
import type { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import { shaperView } from './shaper-api.ts';
import type { ShaperStatus } from './shaper-service.ts';

export const shaperRoutes = (status: () => ShaperStatus): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/shaper',
    summary: "The router's shaper: who sets its rate, what is planned, ordered and standing",
    tags: ['shaper'],
    access: 'read',
    response: shaperView,
    handler: () => viewShaper(status()),
  }),
];

function viewShaper({ standing, reason, plan, line, ordered }: ShaperStatus): z.input<typeof shaperView> {
  const state = line?.state ?? null;
  const rates = (of: { readonly upBps: number | null; readonly downBps: number | null }) => ({
    up_bps: of.upBps,
    down_bps: of.downBps,
  });
  return {
    standing,
    reason,
    router: line?.router ?? null,
    wan: line?.wan ?? null,
    rate_owner: line?.rateOwner ?? null,
    plan: { ...rates(plan), rule: plan.rule },
    ordered: ordered && rates(ordered),
    lease:
      state === null || state.order_id === null
        ? null
        : { up_bps: state.up_bps, down_bps: state.down_bps, original: state.original },
    refused: state?.refused ?? null,
  };
}
