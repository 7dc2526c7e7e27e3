import { Duration, type Stack } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric, type IWidget, Metric, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { running } from "./job-alarms";
import { counted, deadLetters, jobsWaiting, queueAge } from "./metrics";
import type { Watched } from "./watch-stack";
import type { WebMetrics } from "./web-metrics";

const WIDTH = 8;
const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH, height: 6 });
const heading = (markdown: string) => new TextWidget({ markdown: `## ${markdown}`, width: 24, height: 1 });

/** One page: is it up and fast, are jobs done, is the database well, do the courts answer, what does it cost. */
export function dashboard(scope: Stack, { shape, base, background }: Watched, web: WebMetrics): Dashboard {
  const { worker, scheduler } = background.background;
  const { handler, missed } = background.scraper;
  const period = Duration.minutes(5);
  const rows: IWidget[][] = [
    [heading("Web")],
    [
      graph("Requests", web.requests),
      graph("Failed by our fault, %", web.failedPercent),
      graph("Slowest hundredth, seconds", web.slowSeconds),
    ],
    [heading("Jobs")],
    [
      graph("Oldest job, seconds", queueAge()),
      graph("Waiting and dead", jobsWaiting(), deadLetters()),
      graph("Readings of running tasks", running(worker), running(scheduler)),
    ],
    [graph("Audit trail and files", counted("AuditAlarms"), counted("FileJobsFailed"), counted("WorkerStarts"))],
    [heading("Database")],
    database(base.database, period),
    [heading("Sources")],
    [
      graph("Passes", handler.metricInvocations({ period }), handler.metricErrors({ period })),
      graph("A pass, ms", handler.metricDuration({ period, statistic: "Maximum" })),
      graph("Not started", missed.metricApproximateNumberOfMessagesVisible({ period })),
    ],
    [heading("Cost")],
    [
      new GraphWidget({
        title: `Charges this month, USD (budget ${shape.monthlyBudgetUsd})`,
        left: [
          new Metric({
            namespace: "AWS/Billing",
            metricName: "EstimatedCharges",
            dimensionsMap: { Currency: "USD" },
            statistic: "Maximum",
            period: Duration.hours(6),
            region: "us-east-1",
          }),
        ],
        width: WIDTH,
        height: 6,
      }),
    ],
  ];
  return new Dashboard(scope, "Dashboard", { dashboardName: "arrestra", widgets: rows });
}

function database({ instance, endpointDescription }: Watched["base"]["database"], period: Duration): IWidget[] {
  if (!instance)
    return [new TextWidget({ markdown: `Not ours to watch: ${endpointDescription}.`, width: 24, height: 2 })];
  return [
    graph("Processor, %", instance.metricCPUUtilization({ period })),
    graph("Connections", instance.metricDatabaseConnections({ period })),
    graph("Free storage, bytes", instance.metricFreeStorageSpace({ period })),
  ];
}
