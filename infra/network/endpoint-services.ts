/**
 * What a host asks AWS for. Without NAT these interface endpoints are exactly the set with which it boots,
 * answers commands and is watched: EC2 Auto Scaling, CloudWatch and EC2 are needed as well as Systems
 * Manager.
 *
 * Left out on purpose: `elasticfilesystem` (mounting needs port 2049 and DNS of the VPC, the API is only a
 * fallback), `sts` (roles come from instance metadata), `elasticloadbalancing` (the deployer asks it, not the
 * host).
 */
export const endpointServices = {
  ssm: 'parameters, secrets, and the agent that takes commands',
  ssmmessages: 'commands and sessions',
  ec2messages: 'commands, for agents older than 3.3',
  kms: 'the public keys that orders and releases are checked with',
  secretsmanager: 'secrets by version',
  logs: 'log lines',
  monitoring: 'memory and disk of hosts',
  ec2: "the host's own tags, as dimensions of its metrics",
  autoscaling: 'the answer to the launch hook',
} as const;

/**
 * Gateway endpoints cost nothing: packages, the store, snapshots of patches. They serve buckets of the own
 * region only, so that without NAT the hub has to stand in the same one. Their policy stays open, because a
 * policy would have to list the package repositories of Amazon Linux; what a host may read its role says.
 */
export function gatewayServices(region: string): string[] {
  return [`com.amazonaws.${region}.s3`];
}
