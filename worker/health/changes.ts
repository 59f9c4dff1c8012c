import { SERVICES, type ServiceName, type ServiceStatus } from '../../shared/index.ts';
import type { HealthSnapshot } from './types.ts';

/** The fields of the `health_changed` event (CONTRACT 5). */
export type HealthChange = {
  service: ServiceName;
  /** `unknown`: nothing was known of it before. */
  from: ServiceStatus | 'unknown';
  to: ServiceStatus;
  detail: string;
};

/**
 * Which services have another status than before. A first snapshot only tells what is down: that all is well is
 * no change, and every new isolate would say so.
 */
export function healthChanges(before: HealthSnapshot | null, after: HealthSnapshot): HealthChange[] {
  return SERVICES.flatMap((service): HealthChange[] => {
    const { status: to, detail } = after.services[service];
    const from = before?.services[service].status ?? 'unknown';
    const isNews = before === null ? to === 'down' : from !== to;
    return isNews ? [{ service, from, to, detail }] : [];
  });
}
