import { Duration, type Stack } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  Metric,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { AmplifyWebStack } from "../run/web-stacks";
import { running } from "./job-alarms";
import { counted, deadLetters, jobsWaiting, queueAge, told } from "./metrics";
import type { Watched } from "./watch-stack";
import type { WebMetrics } from "./web-metrics";

const WIDTH = 8;
const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH, height: 6 });
const heading = (markdown: string) => new TextWidget({ markdown: `## ${markdown}`, width: 24, height: 1 });

/** One page: is it up and fast, are jobs done, is the database well, do the courts answer, what does it cost. */
export function dashboard(scope: Stack, watched: Watched, web: WebMetrics): Dashboard {
  const { shape, base, background } = watched;
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
    [
      graph("Answers, refused, failed", told("Requests"), told("RequestsRefused"), told("RequestsFailed")),
      graph("Slowest request, ms", told("SlowestRequestMs", "Maximum")),
      graph("Sign-ins refused, accounts shut", told("SignInFailures"), told("SignInLocks")),
    ],
    [heading("Jobs")],
    [
      graph("Oldest job, seconds", queueAge()),
      graph("Waiting and dead", jobsWaiting(), deadLetters()),
      graph("Readings of running tasks", running(worker), running(scheduler)),
    ],
    [
      graph("Jobs done, tries failed", told("JobsDone"), told("JobsFailed")),
      graph(
        "Audit alarms, files failed, starts",
        told("AuditAlarms"),
        counted("FileJobsFailed"),
        counted("WorkerStarts"),
      ),
      graph("Audit stream behind, seconds", told("AuditStreamLagSeconds", "Maximum")),
    ],
    [heading("Leads and look-ups")],
    [
      graph("Rows", told("RowsCreated"), told("RowsUpdated"), told("RowsUnchanged"), told("RowsRejected")),
      graph("Look-ups, vendor failures", told("LookupsAnswered"), told("VendorFailures")),
      graph("Look-ups by list price, millionths of a dollar", told("LookupCostMicroUsd")),
    ],
    [heading("Database")],
    database(base.database, period),
    [heading("Sources")],
    [
      graph("Passes", handler.metricInvocations({ period }), handler.metricErrors({ period })),
      graph("A pass, ms", handler.metricDuration({ period, statistic: "Maximum" })),
      graph("Not started", missed.metricApproximateNumberOfMessagesVisible({ period })),
    ],
    [
      graph("Runs that read a part or nothing", told("SourceRunsPartial"), told("SourceRunsFailed")),
      graph(
        "Alerts sent and given up, files refused",
        told("AlertsSent"),
        told("AlertsFailed"),
        told("EvidenceRefused"),
      ),
    ],
    [heading("One request")],
    [
      new LogQueryWidget({
        title: "Put an id (x-request-id) in the place of ID: docs/how-to/follow-a-request.md",
        logGroupNames: logGroupsOf(watched.web),
        queryLines: [
          "fields @timestamp, @log, msg, route, job, provider, status, durationMs, kind, errorName",
          'filter requestId = "ID"',
          "sort @timestamp",
        ],
        width: 24,
        height: 8,
      }),
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

/** Where a request and what it leads to have their lines. */
const logGroupsOf = (web: Watched["web"]): string[] =>
  web instanceof AmplifyWebStack
    ? [`/aws/amplify/${web.amplify.app.attrAppId}`, "/arrestra/worker"]
    : ["/arrestra/web", "/arrestra/worker"];

function database({ instance, endpointDescription }: Watched["base"]["database"], period: Duration): IWidget[] {
  if (!instance)
    return [new TextWidget({ markdown: `Not ours to watch: ${endpointDescription}.`, width: 24, height: 2 })];
  return [
    graph("Processor, %", instance.metricCPUUtilization({ period })),
    graph("Connections", instance.metricDatabaseConnections({ period })),
    graph("Free storage, bytes", instance.metricFreeStorageSpace({ period })),
  ];
}
