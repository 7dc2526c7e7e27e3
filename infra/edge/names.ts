import { Duration } from "aws-cdk-lib";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { AaaaRecord, ARecord, CaaAmazonRecord, type IHostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { CloudFrontTarget } from "aws-cdk-lib/aws-route53-targets";
import { Construct } from "constructs";
import type { EcsShape } from "../settings";

/** The apex and every name below it lead to CloudFront, and only Amazon may issue certificates for them. */
export class Names extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { shape, zone, distribution }: { shape: EcsShape; zone: IHostedZone; distribution: Distribution },
  ) {
    super(scope, id);
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution));
    const hosts = { Apex: shape.domain, Wildcard: `*.${shape.domain}` };
    for (const [name, recordName] of Object.entries(hosts)) {
      new ARecord(this, `${name}A`, { zone, recordName, target });
      new AaaaRecord(this, `${name}Aaaa`, { zone, recordName, target });
    }
    new CaaAmazonRecord(this, "Caa", { zone, recordName: shape.domain, ttl: Duration.hours(1) });
  }
}
