import { expect, test } from 'vitest';
import { appManifestSchema } from '../../../scripts/domain/app/app-manifest.ts';
import type { ProcessStatus } from '../../../scripts/domain/order/attestation.ts';
import type { Supervisor } from '../../../scripts/host/place/supervisor.ts';
import { waitHealthy } from '../../../scripts/host/services/health.ts';

const { services } = appManifestSchema.parse({
  name: 'sample',
  services: { web: { command: ['web'], port: 8080, health: { path: '/', graceSeconds: 1 } } },
});

/** What a host says of a service that looks like this as long as it is asked. */
async function failureOf(process: Partial<ProcessStatus>): Promise<string | undefined> {
  const status = { service: 'web', pid: null, startedAt: null, restarts: 0, lastExit: null, ...process };
  const supervisor: Supervisor = {
    start: async () => {},
    stop: async () => [],
    giveToServices: async () => {},
    status: async () => [{ content: 'a', process: status }],
  };
  const service = services.web;
  if (service === undefined) throw new TypeError('the app has no service web');
  const check = { name: 'web', service, address: '127.0.0.1', port: 8080 };
  return (await waitHealthy([check], supervisor, new AbortController().signal))?.reason;
}

test.each([
  [null, 'not healthy within 1 s; last: not running; no earlier exit recorded'],
  ['exit code 7', 'not healthy within 1 s; last: not running; last exit: exit code 7'],
])('says of a service that never ran what is known of its end: %s', async (lastExit, reason) => {
  expect(await failureOf({ lastExit })).toBe(reason);
});

test('does not wait out the grace of a service that crashes again and again', async () => {
  expect(await failureOf({ restarts: 3, lastExit: 'exit code 7' })).toBe(
    'it ended 3 times since its start; last: exit code 7',
  );
});
