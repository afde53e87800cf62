import { SystemStatus } from '../../core/api/centre.ts';
import { type Route, route } from '../http/index.ts';
import type { StatusService } from './service.ts';

export function systemRoutes(service: StatusService): Route[] {
  return [
    route({
      method: 'get',
      path: '/system',
      summary: 'How the platform is doing; counts are of what lies within the caller’s grants',
      tag: 'centre',
      access: 'system.read',
      response: SystemStatus,
      handler: ({ caller }) => service.statusFor(caller),
    }),
  ];
}
