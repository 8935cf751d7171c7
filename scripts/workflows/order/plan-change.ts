import { sharedConfigDigest } from '../../domain/app/app-config.ts';
import { digestOf } from '../../domain/canonical.ts';
import { messageOf } from '../../domain/errors.ts';
import type { ChangeRequest } from '../../domain/order/change-request.ts';
import { sameContent } from '../../domain/order/content.ts';
import type { Basis } from '../../domain/order/order.ts';
import { readChain } from '../environment/chain.ts';
import type { Environment } from '../environment/environment.ts';
import { recordsOf } from '../environment/environment-records.ts';
import { propose } from './propose.ts';
import { planRoll } from './roll.ts';

export type NameChange = { name: string; change: 'added' | 'changed' | 'removed' };

export type ChangePlan = {
  environment: string;
  release: string;
  tag: string | null;
  basis: Basis;
  /**
   * The last committed order already has this content: a run would verify, and write no order while every
   * host matches.
   */
  sameContent: boolean;
  batches: readonly (readonly string[])[];
  hosts: readonly {
    host: string;
    bytesToSend: number | null;
    filesToSend: number | null;
    problem: string | null;
  }[];
  config: readonly NameChange[];
  secrets: readonly NameChange[];
  sharedConfig: string;
};

/**
 * `--dry-run`: what a change would do. Takes no lease, writes no order, changes no host.
 * @throws LockstepError whatever the change itself would throw.
 */
export async function planChange(environment: Environment, request: ChangeRequest): Promise<ChangePlan> {
  const { fleet } = environment.ports;
  const records = recordsOf(environment);
  const chain = await readChain(records);
  const { committed } = chain;
  const proposal = await propose(environment, chain, request);
  const values = { ...proposal.values };
  const present = committed === undefined ? {} : (await records.config(committed.config)).values;
  const config = digestOf({ app: environment.app, environment: environment.name, values });
  const names = (await fleet.inventory()).map(({ name }) => name);
  return {
    environment: environment.name,
    release: proposal.release,
    tag: proposal.tag,
    basis: proposal.basis,
    sameContent: committed !== undefined && sameContent(committed, { ...proposal, config }),
    batches: await planRoll(environment, names),
    hosts: await Promise.all(names.map((host) => bytesFor(environment, host, proposal.release))),
    config: changesByName(present, values),
    secrets: changesByName(versions(committed?.secrets ?? []), versions(proposal.secrets)),
    sharedConfig: sharedConfigDigest(proposal.manifest, values),
  };
}

async function bytesFor(
  environment: Environment,
  host: string,
  release: string,
): Promise<ChangePlan['hosts'][number]> {
  try {
    const { bytesFetched, filesFetched } = await environment.ports.fleet.call(host, 'stage', {
      planRelease: release,
    });
    return { host, bytesToSend: bytesFetched, filesToSend: filesFetched, problem: null };
  } catch (error) {
    return { host, bytesToSend: null, filesToSend: null, problem: messageOf(error) };
  }
}

const versions = (secrets: readonly { name: string; version: number }[]) =>
  Object.fromEntries(secrets.map(({ name, version }) => [name, String(version)]));

/** Names only: values never enter a plan. */
function changesByName(before: Record<string, string>, after: Record<string, string>): NameChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): NameChange[] => {
    if (!(name in before)) return [{ name, change: 'added' }];
    if (!(name in after)) return [{ name, change: 'removed' }];
    return before[name] === after[name] ? [] : [{ name, change: 'changed' }];
  });
}
