import { type App, Stack } from "aws-cdk-lib";
import type { BaseStack } from "../base-stack";
import type { BackgroundStack } from "../run/background-stack";
import type { AmplifyWebStack, ContainerWebStack } from "../run/web-stacks";
import { type Shape, sizeOf } from "../settings";
import { alarmsTo } from "./alarm";
import { budget, lookupCostAlarm } from "./budget";
import { dashboard } from "./dashboard";
import { databaseAlarms } from "./database-alarms";
import { countLinesOfWorker } from "./filters";
import { jobAlarms, queueAlarms } from "./job-alarms";
import { sourceAlarms } from "./source-alarms";
import { webAlarms } from "./web-alarms";
import { webMetrics } from "./web-metrics";

export type Watched = {
  shape: Shape;
  base: BaseStack;
  background: BackgroundStack;
  web: ContainerWebStack | AmplifyWebStack;
};

/** What looks on: numbers out of logs, alarms, the dashboard and the budget. */
export class WatchStack extends Stack {
  constructor(scope: App, id: string, watched: Watched) {
    const { shape, base, background } = watched;
    super(scope, id, {
      env: { account: shape.account, region: shape.region },
      description: "Arrestra: alarms, dashboard, budget",
      terminationProtection: sizeOf(shape).deletionProtection,
    });
    const alarm = alarmsTo(this, base.topics.alerts);
    countLinesOfWorker(this, background.background.workerLogs);
    const web = webMetrics(watched.web);
    webAlarms(alarm, watched.web, web);
    jobAlarms(alarm, background);
    if (shape.queue === "sqs") queueAlarms(alarm);
    databaseAlarms(alarm, watched);
    sourceAlarms(alarm, background.scraper);
    dashboard(this, watched, web);
    budget(this, shape);
    lookupCostAlarm(alarm, shape);
  }
}
