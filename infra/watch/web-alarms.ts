import { Duration } from "aws-cdk-lib";
import { AmplifyWebStack, type ContainerWebStack } from "../run/web-stacks";
import type { alarmsTo } from "./alarm";
import type { WebMetrics } from "./web-metrics";

export function webAlarms(
  alarm: ReturnType<typeof alarmsTo>,
  web: ContainerWebStack | AmplifyWebStack,
  metrics: WebMetrics,
): void {
  alarm("WebErrors", {
    slug: "web-errors",
    says: "More than 2 of 100 requests have failed by our fault for 10 minutes",
    metric: metrics.failedPercent,
    above: 2,
    periods: 2,
  });
  alarm("WebSlow", {
    slug: "web-slow",
    says: "The slowest hundredth of the requests has taken longer than 3 seconds for 15 minutes",
    metric: metrics.slowSeconds,
    above: 3,
    periods: 3,
  });
  // Amplify keeps its own servers, and shows none of them.
  if (web instanceof AmplifyWebStack) return;
  alarm("WebDown", {
    slug: "service-down",
    says: "No web server is healthy",
    metric: web.balancer.targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: "Maximum" }),
    below: 1,
    periods: 2,
    silenceIsBad: true,
  });
  alarm("WebUnhealthy", {
    slug: "service-down",
    says: "A web server has been unhealthy for 10 minutes, so that one after the other is being replaced",
    metric: web.balancer.targets.metrics.unhealthyHostCount({ period: Duration.minutes(5), statistic: "Maximum" }),
    above: 0,
    periods: 2,
  });
}
