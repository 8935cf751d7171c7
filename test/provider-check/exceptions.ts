/**
 * Where the program and the provider don't say the same thing in the same words. Everything else is
 * translated by rule, so whatever stands here has to be needed: an entry that no graph asks for fails the
 * check.
 */
export type Exceptions = {
  /** By Pulumi's type: Terraform's name of it. */
  types: Readonly<Record<string, { as: string; reason: string }>>;
  /** By `type input`: Terraform's name of an input. */
  names: Readonly<Record<string, { as: string; reason: string }>>;
  /** By `type input`: values that stand in for those that this provider doesn't know yet. */
  values: Readonly<Record<string, { from: string; to: string; reason: string }>>;
  /** By option: why it says nothing to the provider. */
  options: Readonly<Record<string, string>>;
};

export const exceptions: Exceptions = {
  types: {
    'aws:lb/loadBalancer:LoadBalancer': { as: 'aws_lb', reason: 'Terraform shortens it' },
    'aws:iam/openIdConnectProvider:OpenIdConnectProvider': {
      as: 'aws_iam_openid_connect_provider',
      reason: 'Terraform writes OpenID as one word',
    },
  },
  names: {
    'aws:cloudwatch/metricAlarm:MetricAlarm name': {
      as: 'alarm_name',
      reason: 'Pulumi calls whatever names a resource `name`',
    },
    'aws:sns/topicSubscription:TopicSubscription topic': {
      as: 'topic_arn',
      reason: 'Pulumi takes the topic itself, and hands its ARN on',
    },
  },
  values: {
    'aws:kms/key:Key customerMasterKeySpec': {
      from: 'ECC_NIST_EDWARDS25519',
      to: 'ECC_NIST_P256',
      reason: 'KMS learnt Ed25519 after provider 5.100; the key is as asymmetric with P-256',
    },
  },
  options: {
    version: 'which plugin the engine loads',
    additionalSecretOutputs: "what the engine's state encrypts",
    propertyDependencies: 'said by the references themselves',
    aliases: "former names in the engine's state",
    protect: "the engine's own guard; prevent_destroy would say nothing to the provider",
    retainOnDelete: 'what the engine does when it deletes',
  },
};

/** Every entry by the name under which a translation says that it needed it. */
export function exceptionKeys(all: Exceptions): readonly string[] {
  return Object.entries(all).flatMap(([table, entries]) =>
    Object.keys(entries).map((key) => `${table} ${key}`),
  );
}
