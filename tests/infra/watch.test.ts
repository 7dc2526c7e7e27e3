import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { JOBS } from "@/lib/contracts/jobs";
import { UNITS } from "@/lib/core/metric-names";
import { namesOf } from "../../infra/base/queues";
import { countsOf, estimateLines, estimateMonth } from "../../infra/watch/estimate";
import { SLUGS } from "../../infra/watch/slugs";
import { firstOf } from "./first-of";
import { ALL_SHAPES, resourcesOf, synthesise } from "./synth";

const RUNBOOK = /[a-z]\. See docs\/runbooks\/([a-z-]+)\.md$/;
const text = (value: unknown): string => JSON.stringify(value);
const filesUnder = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(fileOf(folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.includes("generated"))
      .map((name) => `${fileOf(folder).pathname}/${name}`),
  );
const fileOf = (path: string) => new URL(`../../${path}`, import.meta.url);

describe.each(ALL_SHAPES)("what looks on at web=$web, size=$size", ({ web, size }) => {
  const all = synthesise(web, size);
  const alarms = resourcesOf(all, "AWS::CloudWatch::Alarm");
  const slugs = alarms.map(({ properties }) => RUNBOOK.exec(String(properties.AlarmDescription))?.[1]);

  // Seen red without: the page in a description, the action of an alarm.
  it("has alarms that say what is wrong, where to read on, and tell somebody, also that it is over", () => {
    expect(alarms.length).toBeGreaterThan(10);
    for (const [i, { name, properties }] of alarms.entries()) {
      expect(SLUGS, name).toContain(slugs[i]);
      for (const actions of [properties.AlarmActions, properties.OKActions]) {
        expect(actions, name).toHaveLength(1);
        expect(text(actions), name).toContain("Alerts");
      }
      expect(properties.ActionsEnabled ?? true, name).toBe(true);
    }
  });

  // Seen red without: the alarms of jobs.
  it("looks at everything that there is a page for and that this shape has", () => {
    const ofTheHouseAlone = ["certificate-expiring", "database-strained", "secret-rotation-failed"];
    // Nothing of a managed Postgres or of Amplify's certificate is ours to see.
    const expected = SLUGS.filter((slug) => web === "ecs" || !ofTheHouseAlone.includes(slug));
    expect([...new Set(slugs)].sort()).toEqual([...expected].sort());
  });

  // Seen red without: the four alarms.
  it("tells somebody that the copy of the trail stops, a court's page changes, checks cost much, alerts are given up", () => {
    const wanted = {
      AuditStreamLagSeconds: ["audit-alarm", "Maximum", 300, 2, 900],
      SourceRunsPartial: ["court-page-changed", "Sum", 3600, 2, 0],
      LookupCostMicroUsd: ["cost-alarm", "Sum", 86_400, 1, all.shape.lookupUsdPerDay * 1e6],
      AlertsFailed: ["vendor-down", "Sum", 900, 1, 5],
    };
    const found = alarms.flatMap(({ properties }, i) => {
      const { MetricName, Statistic, Period, EvaluationPeriods, Threshold } = properties;
      if (!(String(MetricName) in wanted)) return [];
      expect(properties).toMatchObject({
        Namespace: "Arrestra",
        ComparisonOperator: "GreaterThanThreshold",
        // Each is told only where there is something to tell.
        TreatMissingData: "notBreaching",
      });
      return [[MetricName, [slugs[i], Statistic, Period, EvaluationPeriods, Threshold]]];
    });
    expect(Object.fromEntries(found)).toEqual(wanted);
    expect(all.shape.lookupUsdPerDay).toBeGreaterThan(0);
  });

  // Seen red without: the call of queueAlarms.
  it("asks SQS itself how old and how dead each queue is, where SQS hands out jobs", () => {
    const asked = alarms
      .filter(({ properties }) => properties.Namespace === "AWS/SQS" && text(properties.Dimensions).includes(".fifo"))
      .map(({ properties }) => [text(properties.Dimensions), properties.MetricName, properties.Threshold]);
    const ofSqs = Object.keys(JOBS).flatMap((type) => {
      const dimensions = (QueueName: string) => text([{ Name: "QueueName", Value: QueueName }]);
      const { name, dead } = namesOf(type);
      return [
        [dimensions(name), "ApproximateAgeOfOldestMessage", expect.any(Number)],
        [dimensions(dead), "ApproximateNumberOfMessagesVisible", 0],
      ];
    });
    expect(asked).toHaveLength(all.shape.queue === "sqs" ? ofSqs.length : 0);
    if (asked.length > 0) expect(asked).toEqual(expect.arrayContaining(ofSqs));
    // A try of a minute, and a quarter of an hour behind others: what waits for its next try is a row meanwhile.
    const [, , seconds] = asked.find(([dimensions]) => String(dimensions).includes("webhook-handle.fifo")) ?? [];
    if (asked.length > 0) expect(seconds).toBe(60 + 900);
  });

  // Seen red without: the forecast.
  it("warns before the month costs more than was meant", () => {
    const budget = firstOf(all, "AWS::Budgets::Budget");
    const warnings = budget.properties.NotificationsWithSubscribers as {
      Notification: { NotificationType: string; Threshold: number };
      Subscribers: { Address: string }[];
    }[];
    expect(warnings.map(({ Notification }) => `${Notification.NotificationType} ${Notification.Threshold}`)).toContain(
      "FORECASTED 100",
    );
    expect(new Set(warnings.flatMap(({ Subscribers }) => Subscribers.map(({ Address }) => Address)))).toEqual(
      new Set([all.shape.alertEmail]),
    );
    expect(budget.properties.Budget).toMatchObject({
      BudgetLimit: { Amount: all.shape.monthlyBudgetUsd, Unit: "USD" },
    });
  });

  // Seen red without: the key; with days without end.
  it("seals every log and forgets it in time", () => {
    const groups = resourcesOf(all, "AWS::Logs::LogGroup");
    expect(groups.length).toBeGreaterThanOrEqual(6);
    for (const { name, properties } of groups) {
      expect(properties.KmsKeyId, name).toBeTruthy();
      expect(Number(properties.RetentionInDays), name).toBeGreaterThan(0);
    }
  });

  it("numbers name no firm", () => {
    const metrics = text(
      [...alarms, ...resourcesOf(all, "AWS::Logs::MetricFilter")].map(({ properties }) => properties),
    );
    expect(metrics).not.toMatch(/tenant|firm\b/i);
    for (const { properties, name } of resourcesOf(all, "AWS::Logs::MetricFilter")) {
      expect(text(properties.MetricTransformations), name).not.toContain("Dimensions");
    }
  });

  // Seen red without: Tags of the app.
  it("marks what costs with the name of the product", () => {
    const untagged = [
      "AWS::ECS::Service",
      "AWS::RDS::DBInstance",
      "AWS::S3::Bucket",
      "AWS::KMS::Key",
      "AWS::Lambda::Function",
      "AWS::ElasticLoadBalancingV2::LoadBalancer",
      "AWS::CloudFront::Distribution",
      "AWS::WAFv2::WebACL",
      "AWS::Amplify::App",
      "AWS::Logs::LogGroup",
    ].flatMap((type) =>
      resourcesOf(all, type).filter(
        ({ properties }) => !text(properties.Tags ?? []).includes('{"Key":"app","Value":"arrestra"}'),
      ),
    );
    // The CDK's own function, which runs when the network is made and takes no tags.
    expect(untagged.map(({ id }) => id).filter((id) => !id.startsWith("CustomVpcRestrictDefaultSG"))).toEqual([]);
  });

  it("shows web, jobs, database, sources and cost on one page", () => {
    const dashboard = firstOf(all, "AWS::CloudWatch::Dashboard");
    const body = text(dashboard.properties.DashboardBody);
    for (const part of ["Web", "Jobs", "Leads and look-ups", "Database", "Sources", "One request", "Cost"])
      expect(body).toContain(`## ${part}`);
  });
});

it.each(["amplify", "ecs"] as const)(
  "costs a firm less than 120 dollars a month at web=%s, by list prices that are stated and guessed use",
  (web) => {
    const { shape, stacks } = synthesise(web, "small");
    const costs = estimateMonth(shape, countsOf([...stacks.values()].map((template) => template.toJSON())));
    const sum = Object.values(costs).reduce((total, usd) => total + usd, 0);
    expect(sum, estimateLines(costs).join("\n")).toBeLessThanOrEqual(120);
    expect(sum).toBeGreaterThan(40);
    expect(Object.values(costs).every((usd) => usd > 0)).toBe(true);
  },
);

it.each(SLUGS)("has a page that says what to do: %s", (slug) => {
  expect(existsSync(fileOf(`docs/runbooks/${slug}.md`)), `docs/runbooks/${slug}.md`).toBe(true);
});

it.each(ALL_SHAPES)("alarms and dashboard look at numbers that the program tells, web=$web, size=$size", (shape) => {
  const all = synthesise(shape.web, shape.size);
  const counted = resourcesOf(all, "AWS::Logs::MetricFilter").flatMap(({ properties }) =>
    (properties.MetricTransformations as { MetricName: string }[]).map(({ MetricName }) => MetricName),
  );
  const alarmed = resourcesOf(all, "AWS::CloudWatch::Alarm")
    .filter(({ properties }) => properties.Namespace === "Arrestra")
    .map(({ properties }) => String(properties.MetricName));
  const shown = [
    ...text(firstOf(all, "AWS::CloudWatch::Dashboard").properties.DashboardBody).matchAll(
      /\\"Arrestra\\",\\"(\w+)\\"/g,
    ),
  ].map(([, name]) => String(name));
  expect(alarmed.length).toBeGreaterThan(4);
  expect(shown.length).toBeGreaterThan(15);
  const known = [...Object.keys(UNITS), ...counted];
  expect([...alarmed, ...shown].filter((name) => !known.includes(name))).toEqual([]);
  // A number that nobody looks at is paid for and says nothing.
  expect(Object.keys(UNITS).filter((name) => ![...alarmed, ...shown, "JobsActive"].includes(name))).toEqual([]);
});

it("tells every number that there is a name for", () => {
  const source = filesUnder(["lib", "workers"])
    .filter((path) => !path.endsWith("lib/core/metric-names.ts"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  expect(Object.keys(UNITS).filter((name) => !source.includes(name))).toEqual([]);
});

it("counts lines that the program writes", () => {
  const filters = resourcesOf(synthesise("ecs", "small"), "AWS::Logs::MetricFilter");
  const pattern = (name: string) => String(filters.find(({ id }) => id.startsWith(name))?.properties.FilterPattern);
  const source = (path: string) => readFileSync(fileOf(path), "utf8");
  expect(pattern("WorkerStarts")).toContain('"ready"');
  expect(source("workers/run-jobs.ts")).toContain('event: "ready"');
});
