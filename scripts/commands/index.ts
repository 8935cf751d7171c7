import type { Register } from '../console/command.ts';
import { bootstrap } from './bootstrap.ts';
import { build } from './build.ts';
import { deploy } from './change/deploy.ts';
import { promote } from './change/promote.ts';
import { rollback } from './change/rollback.ts';
import { doctor } from './doctor.ts';
import { history } from './history.ts';
import { local } from './local/local.ts';
import { rehearse } from './local/rehearse.ts';
import { parity } from './parity.ts';
import { pins } from './pins/pins.ts';
import { plan } from './plan.ts';
import { secret } from './secret/secret.ts';
import { smoke } from './smoke.ts';
import { status } from './status.ts';

const verbs: readonly Register[] = [
  build,
  deploy,
  promote,
  rollback,
  status,
  history,
  smoke,
  parity,
  plan,
  secret,
  pins,
  doctor,
  bootstrap,
  local,
];

/** Every verb, in the order of `lockstep --help`. The rehearsal runs the others. */
export const registers: readonly Register[] = [...verbs, rehearse(verbs)];
