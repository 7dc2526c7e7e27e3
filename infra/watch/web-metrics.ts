import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { AmplifyWebStack, type ContainerWebStack } from "../run/web-stacks";

export type WebMetrics = { requests: IMetric; failedPercent: IMetric; slowSeconds: IMetric };

const period = Duration.minutes(5);

/** How many are asked, how many of a hundred are answered with our fault, how long the slowest hundredth takes: of whichever shape. */
export function webMetrics(web: ContainerWebStack | AmplifyWebStack): WebMetrics {
  if (web instanceof AmplifyWebStack) {
    const of = (metricName: string, statistic: string) =>
      new Metric({
        namespace: "AWS/AmplifyHosting",
        metricName,
        statistic,
        period,
        dimensionsMap: { App: web.amplify.app.attrAppId },
      });
    return {
      requests: of("Requests", "Sum"),
      failedPercent: percent(of("5xxErrors", "Sum"), of("Requests", "Sum")),
      slowSeconds: of("Latency", "p99"),
    };
  }
  const { loadBalancer, targets } = web.balancer;
  const requests = loadBalancer.metrics.requestCount({ period });
  return {
    requests,
    // What our server answered; a load balancer without a server behind it is another alarm.
    failedPercent: percent(targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }), requests),
    slowSeconds: targets.metrics.targetResponseTime({ statistic: "p99", period }),
  };
}

/** Of few requests one failure is many per cent: below twenty it is none. */
const percent = (failed: IMetric, requests: IMetric) =>
  new MathExpression({
    expression: "IF(requests > 20, 100 * failed / requests, 0)",
    usingMetrics: { failed, requests },
    label: "failed, %",
    period,
  });
