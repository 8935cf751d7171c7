import type { Base } from './settings-schema.ts';

export type PublicService = { name: string } & Base['app']['services'][string];

/** A public service that a balancer can ask: rules see to it that each cloud environment has one. */
export type ServedService = PublicService & { port: number; healthPath: string };

/**
 * The service behind the balancer: the one that is named, else the only one with a port. Null: nobody
 * connects from outside.
 */
export function publicService(app: Base['app']): PublicService | null {
  const serving = Object.entries(app.services).filter(([, service]) => service.port !== null);
  const found =
    app.public === null
      ? serving.length === 1
        ? serving[0]
        : undefined
      : serving.find(([name]) => name === app.public);
  return found === undefined ? null : { name: found[0], ...found[1] };
}

/** @throws TypeError for an app that nobody could reach; rules refuse it before. */
export function servedService(app: Base['app']): ServedService {
  const service = publicService(app);
  if (service?.port == null || service.healthPath === null) {
    throw new TypeError(
      'no service stands behind the balancer. Name one with port and healthPath in app.public',
    );
  }
  return { ...service, port: service.port, healthPath: service.healthPath };
}
