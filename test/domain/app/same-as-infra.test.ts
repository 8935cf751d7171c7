import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as infra from '../../../infra/hosts/host-files.ts';
import { nameSchema as nameInSettings } from '../../../infra/settings/config.ts';
import { publicService as publicInSettings } from '../../../infra/settings/schema/public-service.ts';
import { baseSchema } from '../../../infra/settings/schema/settings-schema.ts';
import { nameSchema } from '../../../scripts/domain/app/app-manifest.ts';
import { publicService, serviceUrlName } from '../../../scripts/domain/app/manifest-names.ts';

/**
 * The cloud program may not import the pipeline, nor decisions the settings: what both must say is
 * compared here.
 */
const names = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}$/);

test('names of apps, environments and services are the same in lockstep.yaml and in settings', () => {
  const patternOf = (schema: z.ZodType) => z.toJSONSchema(schema);
  expect(patternOf(nameSchema)).toEqual(patternOf(nameInSettings));
});

test('the URL of a service has one name, on hosts in the cloud and on others', () => {
  fc.assert(fc.property(names, (name) => serviceUrlName(name) === infra.serviceUrlName(name)));
  expect(serviceUrlName('intake-api')).toBe('INTAKE_API_URL');
});

test('the service behind the balancer is the same for the pipeline and for the cloud program', () => {
  const services = fc.dictionary(names, fc.option(fc.integer({ min: 1024, max: 65535 })), { maxKeys: 4 });
  const apps = services.chain((ports) => {
    // A name that is given is that of a service with a port: rules refuse others.
    const serving = Object.keys(ports).filter((name) => ports[name] !== null);
    const named = serving.length === 0 ? fc.constant(null) : fc.constantFrom(null, ...serving);
    return named.map((name) => ({
      name: 'sample',
      public: name,
      services: Object.fromEntries(Object.entries(ports).map(([service, port]) => [service, { port }])),
    }));
  });
  fc.assert(
    fc.property(apps, (input) => {
      const { app } = baseSchema.parse({ app: input });
      expect(publicService(app)).toBe(publicInSettings(app)?.name ?? null);
    }),
  );
});
