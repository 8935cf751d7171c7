import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Stack } from '../stack/stack.ts';

export type LlmCertificateArgs = {
  stack: Stack;
  /** As for the public balancer: the setting `balancer.certificate` says where certificates come from. */
  certificate: 'given' | 'requested';
  host: string;
};

/**
 * The certificate of the model's balancer. `given`: identity.certificate, which has to name `llm.<domain>` as
 * well (one for `*.<domain>` does; clients refuse any other, so that a wrong one shows at the first smoke
 * suite). `requested`: one for that name alone, proved by a record in identity.hostedZone.
 */
export class LlmCertificate extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(
    name: string,
    { stack, certificate, host }: LlmCertificateArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('lockstep:infra:LlmCertificate', name, {}, options);
    this.arn = certificate === 'given' ? given(stack) : this.request(name, stack, host);
    this.registerOutputs({ arn: this.arn });
  }

  private request(name: string, stack: Stack, host: string): pulumi.Output<string> {
    const { hostedZone } = stack.identity;
    if (hostedZone === null) {
      throw new TypeError(
        'balancer.certificate: requested needs identity.hostedZone. Add the id of the zone',
      );
    }
    const certificate = new aws.acm.Certificate(
      `${name}-request`,
      { domainName: host, validationMethod: 'DNS', tags: stack.tags },
      { parent: this },
    );
    // One name has one proof: known before any output is.
    const proof = certificate.domainValidationOptions.apply(([only]) => {
      if (only === undefined) throw new TypeError(`ACM names no record that would prove ${host}`);
      return only;
    });
    const record = new aws.route53.Record(
      `${name}-proof`,
      {
        zoneId: hostedZone,
        name: proof.resourceRecordName,
        type: proof.resourceRecordType,
        records: [proof.resourceRecordValue],
        ttl: 300,
        allowOverwrite: true,
      },
      { parent: this },
    );
    const validation = new aws.acm.CertificateValidation(
      `${name}-validation`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      { parent: this },
    );
    return validation.certificateArn;
  }
}

function given({ identity }: Stack): pulumi.Output<string> {
  if (identity.certificate === null) {
    throw new TypeError('balancer.certificate: given needs identity.certificate. Add the ARN of one');
  }
  return pulumi.output(identity.certificate);
}
