import { Duration } from "aws-cdk-lib";
import { type Shape, sizeOf } from "../settings";
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
    above: connectionsOf(shape),
    periods: 2,
  });
  alarm("DatabaseStorage", {
    slug: "database-strained",
    says: "Less than a fifth of the database's first storage is free",
    metric: instance.metricFreeStorageSpace({ period, statistic: "Minimum" }),
    below: (sizeOf(shape).database.storageGb / 5) * GB,
    periods: 1,
  });
}

/** Four fifths of what PostgreSQL allows on the machine of the size: RDS gives a connection for each 9.5 MB of memory (t4g.small 2 GB, m7g.large 8 GB). */
const connectionsOf = (shape: Shape): number => (shape.size === "small" ? 180 : 720);
