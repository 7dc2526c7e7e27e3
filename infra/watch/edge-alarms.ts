import { Duration } from "aws-cdk-lib";
import type { ICertificate } from "aws-cdk-lib/aws-certificatemanager";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { alarmsTo } from "./alarm";

const blocked = (Rule: string) =>
  new Metric({
    namespace: "AWS/WAFV2",
    metricName: "BlockedRequests",
    statistic: "Sum",
    period: Duration.minutes(5),
    dimensionsMap: { WebACL: "Arrestra", Rule },
  });

/** Alarms on numbers that exist in the edge's region alone. */
export function firewallAlarms(alarm: ReturnType<typeof alarmsTo>): void {
  alarm("UnderAttack", {
    slug: "under-attack",
    says: "The firewall has refused more than 1000 requests within 5 minutes, twice in a row",
    metric: blocked("ALL"),
    above: 1000,
    periods: 2,
  });
  alarm("SignInFlood", {
    slug: "under-attack",
    says: "Somebody tries to sign in faster than an office does",
    metric: blocked("SignInRate"),
    above: 0,
    periods: 1,
  });
}

export function certificateAlarm(alarm: ReturnType<typeof alarmsTo>, id: string, certificate: ICertificate): void {
  alarm(id, {
    slug: "certificate-expiring",
    // AWS renews 60 days before the end, as long as the record that proves the domain is there.
    says: "A certificate ends within 30 days and was not renewed",
    metric: certificate.metricDaysToExpiry({ period: Duration.days(1), statistic: "Minimum" }),
    below: 30,
    periods: 1,
  });
}
