/**
 * `launchTemplate` is `launch_template`; every upper-case letter starts a word, as the bridge between the two
 * counts them.
 */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Terraform's names for a Pulumi type, the likelier first: `aws:sns/topic:Topic` is `aws_sns_topic`; what is
 * oldest in EC2 has no module in its name (`aws_launch_template`).
 */
export function typeCandidates(type: string): readonly string[] {
  const [, module = '', name = ''] = type.split(':');
  const words = snakeCase(`${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  return [`aws_${snakeCase(module.split('/')[0] ?? '')}_${words}`, `aws_${words}`];
}

/**
 * Terraform's names for an input, the likelier first: Pulumi has lists in the plural, where blocks are in the
 * singular.
 */
export function memberCandidates(input: string): readonly string[] {
  const word = snakeCase(input);
  return [
    word,
    ...(word.endsWith('ies') ? [`${word.slice(0, -3)}y`] : []),
    ...(word.endsWith('s') ? [word.slice(0, -1)] : []),
    ...(word.endsWith('es') ? [word.slice(0, -2)] : []),
  ];
}

/** What Terraform takes as the name of a resource. */
export function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').replace(/^(?![A-Za-z_])/, '_');
}

/** Text in Terraform's JSON is a template: what looks like one and is none has to be written twice. */
export function escapeTemplate(text: string): string {
  return text.replaceAll(/([$%])\{/g, '$1$1{');
}
