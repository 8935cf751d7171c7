import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Stack } from '../stack/stack.ts';

export type CertificateArgs = { stack: Stack };

/**
 * A certificate for identity.domain, proved by a record in identity.hostedZone; ACM renews it for as long as
 * the record stands. Another domain replaces it: the new one is made, proved and put into the listener before
 * the old one goes.
 *
 * @throws TypeError when the identity names no hosted zone.
 */
export class Certificate extends pulumi.ComponentResource {
  /** Known only when the certificate is issued. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, { stack }: CertificateArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Certificate', name, {}, options);
    const { domain } = stack.identity;
    const certificate = new aws.acm.Certificate(
      `${name}-request`,
      { domainName: domain, validationMethod: 'DNS', tags: { ...stack.tags, Name: domain } },
      { parent: this },
    );
    // One name, so one proof: the number of records is known before ACM answers.
    const proof = certificate.domainValidationOptions.apply(([first]) => {
      if (first === undefined) throw new TypeError(`ACM asks for no proof of ${domain}`);
      return first;
    });
    const record = new aws.route53.Record(
      `${name}-proof`,
      {
        zoneId: hostedZone(stack),
        name: proof.resourceRecordName,
        type: proof.resourceRecordType,
        records: [proof.resourceRecordValue],
        ttl: 300,
      },
      { parent: this },
    );
    const validation = new aws.acm.CertificateValidation(
      `${name}-validation`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      { parent: this },
    );
    this.arn = validation.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** @throws TypeError */
export function hostedZone({ identity }: Stack): string {
  if (identity.hostedZone !== null) return identity.hostedZone;
  throw new TypeError(
    'balancer.dnsRecord and a requested certificate need identity.hostedZone. Add the id of the zone',
  );
}
