import { Duration } from "aws-cdk-lib";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { Construct } from "constructs";
import type { Shape } from "../settings";
import type { alarmsTo } from "./alarm";
import { told } from "./metrics";

/** What the account may cost in a month; mail when four fifths are spent and when the month is going to end above it. The page is docs/runbooks/cost-alarm.md. */
export function budget(scope: Construct, { alertEmail, monthlyBudgetUsd }: Shape): CfnBudget {
  const warn = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
    // Straight to the address: Budgets would need a permission of its own at the sealed topic.
    subscribers: [{ subscriptionType: "EMAIL", address: alertEmail }],
  });
  return new CfnBudget(scope, "Budget", {
    budget: {
      budgetName: "arrestra",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      // The whole account: a filter by tag counts nothing until somebody has activated the tag for billing.
      budgetLimit: { amount: monthlyBudgetUsd, unit: "USD" },
    },
    notificationsWithSubscribers: [warn("ACTUAL", 80), warn("ACTUAL", 100), warn("FORECASTED", 100)],
  });
}

/** What Budgets cannot see: checks of contacts are on the bills of Twilio and Kickbox. */
export function lookupCostAlarm(alarm: ReturnType<typeof alarmsTo>, { lookupUsdPerDay }: Shape): void {
  alarm("LookupCost", {
    slug: "cost-alarm",
    says: `Checks of contacts have cost more than ${lookupUsdPerDay} US dollars in a day, by list prices`,
    metric: told("LookupCostMicroUsd", "Sum", Duration.days(1)),
    above: lookupUsdPerDay * 1_000_000,
    periods: 1,
  });
}
