import type { Command } from 'commander';
import type { Context, Result } from '../../console/command.ts';
import { table } from '../../console/table.ts';
import type { ChangeRequest } from '../../domain/order/change-request.ts';
import { short } from '../../domain/order/content.ts';
import { describeBasis } from '../../domain/order/describe-basis.ts';
import type { OpenOptions } from '../../targets/contract/target.ts';
import { openTarget } from '../../targets/open-target.ts';
import { type ChangeResult, changeEnvironment } from '../../workflows/order/change.ts';
import { type ChangePlan, planChange } from '../../workflows/order/plan-change.ts';

export type ChangeOptions = { dryRun?: true; allowDowntime?: true; overrideReason?: string };

/** The options that deploy, promote and rollback share. */
export function addChangeOptions(command: Command): Command {
  return command
    .option('--dry-run', 'show the plan (hosts in order, bytes to send, changes by name) and change nothing')
    .option('--allow-downtime', 'continue even if the roll leaves no host in rotation');
}

/** Opens the environment, then plans or carries out the request. */
export async function runChange(
  context: Context,
  name: string,
  options: ChangeOptions,
  request: ChangeRequest,
): Promise<Result> {
  const target = await openTarget(context);
  const { environment } = await target.open(name, {
    ...allowed(options),
    // A difference past its date must not block the way back from a broken release.
    lenient: request.kind === 'rollback',
    lookOnly: options.dryRun === true,
  });
  if (options.dryRun === true) {
    const plan = await planChange(environment, request);
    return { json: plan, text: renderPlan(plan, context.colour) };
  }
  const result = await changeEnvironment({
    environment,
    actor: target.actor,
    signal: context.signal,
    request,
  });
  return { json: document(name, result), text: renderResult(name, result) };
}

const allowed = ({ allowDowntime }: ChangeOptions): Pick<OpenOptions, 'allowDowntime'> =>
  allowDowntime === undefined ? {} : { allowDowntime };

function document(environment: string, { kind, order }: ChangeResult) {
  const { number, release, tag, basis } = order;
  return { environment, result: kind, order: number, release, tag, basis };
}

function renderResult(environment: string, { kind, order }: ChangeResult): string {
  const what = `${order.tag ?? 'release'} (${short(order.release)})`;
  const suffix =
    order.basis.kind === 'override' ? `\nNOT verified upstream: ${describeBasis(order.basis)}` : '';
  return kind === 'changed'
    ? `${environment} runs ${what}, order ${order.number}, committed and verified.${suffix}`
    : `${environment} already runs ${what} since order ${order.number}; verified again, no order written.${suffix}`;
}

function renderPlan(plan: ChangePlan, colour: boolean): string {
  const bytes = new Map(plan.hosts.map((host) => [host.host, host]));
  const rows = plan.batches.flatMap((batch, index) =>
    batch.map((host) => {
      const known = bytes.get(host);
      return [
        String(index + 1),
        host,
        known?.bytesToSend == null ? 'unknown' : `${known.bytesToSend} bytes in ${known.filesToSend} files`,
        known?.problem ?? '',
      ];
    }),
  );
  const changes = (title: string, list: ChangePlan['config']) =>
    `${title}: ${list.length === 0 ? 'unchanged' : list.map(({ name, change }) => `${name} ${change}`).join(', ')}`;
  return [
    `${plan.environment} would run ${plan.tag ?? 'release'} (${short(plan.release)}) on the basis: ${describeBasis(plan.basis)}.`,
    ...(plan.sameContent
      ? ['The last committed order already has this content: it would be verified again.']
      : []),
    table(['batch', 'host', 'to send', ''], rows, colour),
    changes('env values', plan.config),
    changes('secrets', plan.secrets),
  ].join('\n');
}
