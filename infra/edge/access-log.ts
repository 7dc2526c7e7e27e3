import { Validations } from "aws-cdk-lib";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

/**
 * What is kept of a request: who asked, when, how long it took and what came of it. Not what was asked for: paths hold links that open an account once and the
 * secrets of calendars, queries hold names that were searched for and codes of vendors, the host names the firm, and the referer holds all three.
 */
const FIELDS = [
  "date",
  "time",
  "x-edge-location",
  "x-edge-request-id",
  "c-ip",
  "cs-method",
  "cs-protocol",
  "cs-protocol-version",
  "cs(User-Agent)",
  "ssl-protocol",
  "sc-status",
  "cs-bytes",
  "sc-bytes",
  "time-taken",
  "time-to-first-byte",
  "x-edge-result-type",
  "x-edge-detailed-result-type",
];

/** The access log of CloudFront, in the way that lets its fields be chosen. AWS takes it in the region of the edge alone, so that is where its stack has to be. */
export class AccessLog extends Construct {
  constructor(scope: Construct, id: string, { distribution, logs }: { distribution: Distribution; logs: Bucket }) {
    super(scope, id);
    const name = "arrestra-cloudfront";
    const source = new CfnDeliverySource(this, "Source", {
      name,
      logType: "ACCESS_LOGS",
      resourceArn: distribution.distributionArn,
    });
    const destination = new CfnDeliveryDestination(this, "Destination", {
      name,
      destinationResourceArn: logs.bucketArn,
      outputFormat: "json",
    });
    const delivery = new CfnDelivery(this, "Delivery", {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: FIELDS,
    });
    delivery.addDependency(source);
    Validations.of(distribution).acknowledge({
      id: "AwsSolutions-CFR3",
      reason:
        "It has one, without addresses of pages (infra/edge/access-log.ts): the older way, which this rule looks for, writes each whole, with the secrets in it.",
    });
  }
}
