export type Architecture = 'x86_64' | 'arm64';

/**
 * What processors an EC2 instance type has. Graviton families have a g behind their number (m7g, c7gn,
 * is4gen, g5g), except for the first of all, a1 (EC2 user guide, "Instance type naming conventions"). A g in
 * front is a GPU: g6 is Intel or AMD.
 */
export function architectureOf(instanceType: string): Architecture {
  return /^(a1|[a-z]+\d+g[a-z]*)[.-]/.test(instanceType) ? 'arm64' : 'x86_64';
}

/** The pinned image of hosts of this type. */
export function hostImage(
  images: Readonly<Record<`host-${Architecture}`, string>>,
  instanceType: string,
): string {
  return images[`host-${architectureOf(instanceType)}`];
}
