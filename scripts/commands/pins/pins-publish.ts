import type { Register } from '../../console/command.ts';
import { table } from '../../console/table.ts';
import { publishPins } from '../../workflows/pins/publish-pins.ts';

/** `lockstep pins publish`: hosts fetch what they need to start from the release store alone. */
export const pinsPublish: Register = (pins, run) => {
  pins
    .command('publish')
    .summary('put what hosts need to start into the release store')
    .description(
      'Puts the agent and the Node archives that infra/pins.json pins into the release store of the hub, each under its\n' +
        'SHA-256, after checking its bytes against the pin. Files that are there already are left alone. Needs credentials of\n' +
        'the hub.',
    )
    .addHelpText('after', '\nExample: lockstep pins publish')
    .action(
      run(async ({ options, environment, signal, reporter, colour }) => {
        // Only this verb pays for loading the AWS SDK.
        const { hubStore } = await import('../../adapters/aws/hub-store.ts');
        const { publicPinnedBytes } = await import('../../adapters/pins/pinned-bytes.ts');
        const { readPins } = await import('../../adapters/pins/pins-file.ts');
        const { readFoundation } = await import('../../adapters/pulumi/pulumi-foundation.ts');
        const [pins, { hub }] = [await readPins(), await readFoundation(options.project)];
        const store = hubStore(hub, { environment, signal });
        const published = await publishPins(store, publicPinnedBytes(signal), { pins, reporter, signal });
        const rows = published.map(({ what, key, state }) => [what, state, key]);
        return { json: { published }, text: table(['file', 'state', 'key'], rows, colour) };
      }),
    );
};
