import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { Construct } from "constructs";
import type { Shape } from "../settings";

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
