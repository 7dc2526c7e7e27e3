import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { CfnApplication } from "aws-cdk-lib/aws-sam";
import { connectionsAlarming } from "../base/connections";
import { DATABASE_NAME, type Database } from "../base/database";
import { sizeOf } from "../settings";
import type { alarmsTo } from "./alarm";
import type { Watched } from "./watch-stack";

const GB = 1024 ** 3;

export function databaseAlarms(alarm: ReturnType<typeof alarmsTo>, { shape, base }: Watched): void {
  const { instance } = base.database;
  // A managed Postgres of somebody else is watched there.
  if (!instance) return;
  const period = Duration.minutes(5);
  alarm("DatabaseCpu", {
    slug: "database-strained",
    says: "The database's processor has been busier than 80 % for 15 minutes",
    metric: instance.metricCPUUtilization({ period, statistic: "Average" }),
    above: 80,
    periods: 3,
  });
  alarm("DatabaseConnections", {
    slug: "database-strained",
    says: "More than four fifths of the database's connections are taken",
    metric: instance.metricDatabaseConnections({ period, statistic: "Maximum" }),
    above: connectionsAlarming(sizeOf(shape)),
    periods: 2,
  });
  alarm("DatabaseStorage", {
    slug: "database-strained",
    says: "Less than a fifth of the database's first storage is free",
    metric: instance.metricFreeStorageSpace({ period, statistic: "Minimum" }),
    below: (sizeOf(shape).database.storageGb / 5) * GB,
    periods: 1,
  });
  if (shape.web === "ecs" && shape.readReplica) {
    alarm("DatabaseReplica", {
      slug: "database-strained",
      says: "The replica has been more than a minute behind for 15 minutes",
      metric: new Metric({
        namespace: "AWS/RDS",
        metricName: "ReplicaLag",
        statistic: "Maximum",
        period,
        dimensionsMap: { DBInstanceIdentifier: `${DATABASE_NAME}-replica` },
      }),
      above: 60,
      periods: 3,
    });
  }
  alarm("SecretRotation", {
    slug: "secret-rotation-failed",
    says: "A password of the database could not be changed",
    metric: rotationErrors(base.database),
    above: 0,
    periods: 1,
  });
}

/** Failures of the functions that change passwords: AWS's own, which the CDK names only among what they are made with. */
function rotationErrors(database: Database): MathExpression {
  const names = database.node
    .findAll()
    .filter((each) => CfnApplication.isCfnApplication(each))
    .map(({ parameters }) => (parameters as Record<string, string>).functionName);
  const usingMetrics = Object.fromEntries(
    names.map((FunctionName, i) => [
      `e${i}`,
      new Metric({
        namespace: "AWS/Lambda",
        metricName: "Errors",
        statistic: "Sum",
        period: Duration.hours(1),
        dimensionsMap: { FunctionName: String(FunctionName) },
      }),
    ]),
  );
  if (names.length === 0 || names.includes(undefined)) throw new Error("nothing changes the database's passwords");
  return new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(" + "),
    usingMetrics,
    label: "failed changes of passwords",
    period: Duration.hours(1),
  });
}
