import { PublicHostedZone } from "aws-cdk-lib/aws-route53";
import { EmailIdentity, Identity } from "aws-cdk-lib/aws-ses";
import { Construct } from "constructs";
import type { Shape } from "../settings";

/** Lets SES send for the domain: its three records in the zone prove that it is ours and let receivers check every letter (DKIM). */
export class Mail extends Construct {
  constructor(scope: Construct, id: string, { domain, hostedZoneId }: Pick<Shape, "domain" | "hostedZoneId">) {
    super(scope, id);
    const zone = PublicHostedZone.fromPublicHostedZoneAttributes(this, "Zone", { hostedZoneId, zoneName: domain });
    new EmailIdentity(this, "Identity", { identity: Identity.publicHostedZone(zone) });
  }
}
