import { GetParameterCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { sha256 } from '../../domain/canonical.ts';
import { nodeArchiveName } from '../../domain/pins/pin-publication.ts';
import type { ImageKind, PinSource } from '../../workflows/ports/pins.ts';
import { bundleAgent } from '../build/agent-bundle.ts';

/**
 * Public parameters that AWS keeps: Amazon Linux 2023, and its deep-learning base image with NVIDIA's driver.
 */
const imageParameters: Readonly<Record<ImageKind, string>> = {
  'host-x86_64': '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
  'host-arm64': '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
  'gpu-x86_64':
    '/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id',
};

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export type PinEndpoints = {
  /** Undefined: AWS's own, by region. */
  ssm?: string;
  node: string;
  registryToken: string;
  registry: string;
  models: string;
};

const publicEndpoints: PinEndpoints = {
  node: 'https://nodejs.org',
  registryToken: 'https://auth.docker.io/token',
  registry: 'https://registry-1.docker.io',
  models: 'https://huggingface.co',
};

/** Asks AWS, Docker Hub (anonymously) and Hugging Face. Every answer has to look like what it should be. */
export function publicPinSources(signal: AbortSignal, endpoints: PinEndpoints = publicEndpoints): PinSource {
  return {
    async image(region, kind) {
      const client = new SSMClient({
        region,
        ...((endpoints.ssm === undefined ? {} : { endpoint: endpoints.ssm }) satisfies SSMClientConfig),
      });
      try {
        const command = new GetParameterCommand({ Name: imageParameters[kind] });
        const { Parameter } = await client.send(command, { abortSignal: signal });
        return z
          .string()
          .regex(/^ami-[0-9a-f]{8,17}$/)
          .parse(Parameter?.Value);
      } finally {
        client.destroy();
      }
    },
    async containerDigest(repository, tag) {
      const asked = new URL(endpoints.registryToken);
      asked.searchParams.set('service', 'registry.docker.io');
      asked.searchParams.set('scope', `repository:${repository}:pull`);
      const { token } = z.object({ token: z.string() }).parse(await (await get(asked, signal)).json());
      const manifest = new URL(`/v2/${repository}/manifests/${encodeURIComponent(tag)}`, endpoints.registry);
      const headers = { accept: indexTypes, authorization: `Bearer ${token}` };
      const answer = await get(manifest, signal, { method: 'HEAD', headers });
      return z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/)
        .parse(answer.headers.get('docker-content-digest'));
    },
    async nodeArchive(version, architecture) {
      const sums = await get(new URL(`/dist/v${version}/SHASUMS256.txt`, endpoints.node), signal);
      const archive = nodeArchiveName(version, architecture);
      const line = (await sums.text()).split('\n').find((each) => each.endsWith(`  ${archive}`));
      return z
        .string()
        .regex(/^[0-9a-f]{64}$/, `no sum of ${archive} is published`)
        .parse(line?.split(' ')[0]);
    },
    async agent() {
      return sha256((await bundleAgent()).bytes);
    },
    async modelRevision(model) {
      const answer = await get(new URL(`/api/models/${model}/revision/main`, endpoints.models), signal);
      return z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) }).parse(await answer.json()).sha;
    },
  };
}

async function get(url: URL, signal: AbortSignal, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, {
    ...init,
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });
  if (!answer.ok) throw new Error(`${url.host} answered ${answer.status} to ${url.pathname}`);
  return answer;
}
