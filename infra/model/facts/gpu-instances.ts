/**
 * GPU instance types that a model may be given. `usableMiB` is what one card leaves to a program: for A10G
 * and L4 what drivers report after their own share, for the others the total that CUDA reports, rounded down
 * (EC2 "Accelerated computing" instance specifications; NVIDIA's data sheets). In rising order of price: what
 * is suggested is the first that fits. T4 (g4dn) is left out: it knows no bfloat16 and not the kernels that
 * quantised models are served with.
 */
export type GpuInstance = { type: string; gpu: string; gpus: 1 | 4 | 8; usableMiB: number };

type Card = Pick<GpuInstance, 'gpu' | 'usableMiB'>;

const a10g: Card = { gpu: 'A10G', usableMiB: 23_000 };
const l4: Card = { gpu: 'L4', usableMiB: 23_000 };
const l40s: Card = { gpu: 'L40S', usableMiB: 45_000 };
const a100: Card = { gpu: 'A100 40 GB', usableMiB: 40_000 };
const a100Large: Card = { gpu: 'A100 80 GB', usableMiB: 80_000 };
const h100: Card = { gpu: 'H100', usableMiB: 80_000 };

export const gpuInstances: readonly GpuInstance[] = [
  { type: 'g6.xlarge', gpus: 1, ...l4 },
  { type: 'g6.2xlarge', gpus: 1, ...l4 },
  { type: 'g5.xlarge', gpus: 1, ...a10g },
  { type: 'g5.2xlarge', gpus: 1, ...a10g },
  { type: 'g6.4xlarge', gpus: 1, ...l4 },
  { type: 'g5.4xlarge', gpus: 1, ...a10g },
  { type: 'g6e.xlarge', gpus: 1, ...l40s },
  { type: 'g6.8xlarge', gpus: 1, ...l4 },
  { type: 'g6e.2xlarge', gpus: 1, ...l40s },
  { type: 'g5.8xlarge', gpus: 1, ...a10g },
  { type: 'g6e.4xlarge', gpus: 1, ...l40s },
  { type: 'g6.16xlarge', gpus: 1, ...l4 },
  { type: 'g5.16xlarge', gpus: 1, ...a10g },
  { type: 'g6e.8xlarge', gpus: 1, ...l40s },
  { type: 'g6.12xlarge', gpus: 4, ...l4 },
  { type: 'g5.12xlarge', gpus: 4, ...a10g },
  { type: 'g6.24xlarge', gpus: 4, ...l4 },
  { type: 'g6e.16xlarge', gpus: 1, ...l40s },
  { type: 'g5.24xlarge', gpus: 4, ...a10g },
  { type: 'g6e.12xlarge', gpus: 4, ...l40s },
  { type: 'g6.48xlarge', gpus: 8, ...l4 },
  { type: 'g6e.24xlarge', gpus: 4, ...l40s },
  { type: 'g5.48xlarge', gpus: 8, ...a10g },
  { type: 'p4d.24xlarge', gpus: 8, ...a100 },
  { type: 'p4de.24xlarge', gpus: 8, ...a100Large },
  { type: 'g6e.48xlarge', gpus: 8, ...l40s },
  { type: 'p5.48xlarge', gpus: 8, ...h100 },
];
