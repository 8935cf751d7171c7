import { refused } from '../../domain/errors.ts';
import { readTag } from '../../store/releases.ts';
import type { Environment } from '../environment/environment.ts';
import { EnvironmentRecords } from '../environment/environment-records.ts';
import type { Choose } from './change.ts';
import { propose } from './propose.ts';

/**
 * What `deploy ENV [TAG]` wants: the release of the tag, or, without one, the release that was committed last with
 * the values and secrets of now.
 */
export function chooseDeploy(
  environment: Environment,
  tag: string | null,
  overrideReason: string | null,
): Choose {
  return async ({ committed }) => {
    if (tag !== null) {
      const { release } = await readTag(environment.ports.store, environment.app, tag);
      return propose(environment, { release, tag, overrideReason });
    }
    if (committed === undefined) {
      throw refused(`${environment.name} has no release yet, so there is none to deploy again`, {
        fix: `Name a tag: \`lockstep deploy ${environment.name} TAG\`.`,
      });
    }
    return propose(environment, { release: committed.release, tag: committed.tag, overrideReason });
  };
}

/** What `promote ENV` wants: the release that its upstream runs and has verified. */
export function choosePromote(environment: Environment, overrideReason: string | null): Choose {
  return async () => {
    if (environment.upstream === null) {
      throw refused(
        `${environment.name} is the first of its chain: there is nothing upstream to promote from`,
        {
          fix: `Deploy a tag: \`lockstep deploy ${environment.name} TAG\`.`,
        },
      );
    }
    const upstream = new EnvironmentRecords(environment.ports, environment.app, environment.upstream);
    const running = await upstream.lastCommitted();
    if (running === undefined) {
      throw refused(`${environment.upstream} has no committed release to promote to ${environment.name}`, {
        fix: `Run \`lockstep deploy ${environment.upstream} TAG\` first.`,
      });
    }
    return propose(environment, { release: running.release, tag: running.tag, overrideReason });
  };
}
