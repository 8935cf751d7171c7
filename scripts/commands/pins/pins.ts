import { Option } from 'commander';
import type { Register } from '../../console/command.ts';
import { table } from '../../console/table.ts';
import { usage } from '../../domain/errors.ts';
import { type PinUpdate, updatePins } from '../../workflows/pins/update-pins.ts';
import { pinsPublish } from './pins-publish.ts';

/**
 * `lockstep pins update`: the latest versions outside become a diff in git. `lockstep pins publish`:
 * pins-publish.ts.
 */
export const pins: Register = (program, run) => {
  const group = program
    .command('pins')
    .description('manage the versions that the cloud program takes from outside, pinned in infra/pins.json');
  group
    .command('update')
    .description(
      'look up images, container digests and model revisions, write infra/pins.json and show what changed',
    )
    .option('--dry-run', 'show what would change, and write nothing')
    .addOption(new Option('--region <name>', 'add a region, with --zones'))
    .addOption(
      new Option('--zones <names>', 'availability zones of that region in your account, separated by commas'),
    )
    .addOption(new Option('--model <names...>', 'add models, by their owner/name on Hugging Face'))
    .addOption(new Option('--tag <container=tag...>', 'change the tag of a pinned container'))
    .addHelpText(
      'after',
      '\nExample: lockstep pins update --region us-east-1 --zones us-east-1a,us-east-1b,us-east-1c',
    )
    .action(
      run(async (context, options: Options) => {
        // Only this verb pays for loading the AWS SDK.
        const { publicPinSources } = await import('../../adapters/pins/pin-sources.ts');
        const { readPins, writePins } = await import('../../adapters/pins/pins-file.ts');
        const update = { pins: await readPins(), signal: context.signal, ...parse(options) };
        const updated = await context.reporter.step('look up what is pinned', () =>
          updatePins(publicPinSources(context.signal), update),
        );
        if (options.dryRun !== true) await writePins(updated.pins);
        const rows = updated.changes.map(({ pin, from, to }) => [pin, from ?? '-', to]);
        const text =
          rows.length === 0 ? 'Nothing changed.' : table(['pin', 'was', 'is'], rows, context.colour);
        return { json: { changes: updated.changes, written: options.dryRun !== true }, text };
      }),
    );
  pinsPublish(group, run);
};

type Options = { dryRun?: boolean; region?: string; zones?: string; model?: string[]; tag?: string[] };

function parse({ region, zones, model, tag }: Options): Pick<PinUpdate, 'addRegion' | 'addModels' | 'tags'> {
  if ((region === undefined) !== (zones === undefined)) {
    throw usage('--region and --zones go together', {
      fix: 'Names of zones: `aws ec2 describe-availability-zones --region REGION`.',
    });
  }
  const tags = (tag ?? []).map((pair) => {
    const [name, value] = pair.split('=');
    if (name === undefined || value === undefined || value === '') {
      throw usage(`--tag ${pair} is not of the form container=tag`, {
        fix: 'Write for example vllm/vllm-openai=v0.11.0.',
      });
    }
    return [name, value];
  });
  return {
    addRegion:
      region === undefined || zones === undefined ? undefined : { name: region, zones: zones.split(',') },
    addModels: model,
    tags: Object.fromEntries(tags),
  };
}
