import { storeKeys } from '../store-keys.ts';

export type NodeArchitecture = 'x86_64' | 'arm64';

/** The part of the pins that hosts fetch when they start. */
export type HostPins = {
  agentSha256: string;
  node: { version: string; sha256: Readonly<Record<NodeArchitecture, string>> };
};

/** One file that hosts fetch from the release store, and where its bytes come from. */
export type PinnedFile = { what: string; key: string; sha256: string } & (
  | { from: 'toolkit' }
  | { from: 'nodejs.org'; version: string; architecture: NodeArchitecture }
);

/**
 * Everything that a host's start fetches (infra/boot/boot.sh). The agent comes first: a mismatch there is
 * found at no cost.
 */
export function pinnedFiles({ agentSha256, node }: HostPins): readonly PinnedFile[] {
  const archives = (['x86_64', 'arm64'] as const).map((architecture): PinnedFile => {
    const [sha256, { version }] = [node.sha256[architecture], node];
    const what = `Node ${version} for ${architecture}`;
    return {
      what,
      key: storeKeys.runtime(sha256),
      sha256,
      from: 'nodejs.org',
      version,
      architecture,
    };
  });
  const agent: PinnedFile = {
    what: 'the host agent',
    key: storeKeys.agent(agentSha256),
    sha256: agentSha256,
    from: 'toolkit',
  };
  return [agent, ...archives];
}

/** As Node names Linux's archives. */
const nodeNames: Readonly<Record<NodeArchitecture, string>> = { x86_64: 'x64', arm64: 'arm64' };

/** The name of Node's own archive, under `/dist/v<version>/` of nodejs.org. */
export function nodeArchiveName(version: string, architecture: NodeArchitecture): string {
  return `node-v${version}-linux-${nodeNames[architecture]}.tar.gz`;
}
