import type { App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

/** One rule of AWS's own list that one resource does not keep, without a reason beside it in the code. */
export type Finding = { rule: string; resource: string; says: string };

/** Checks a whole deployment against the rules "AWS Solutions". What is excepted says why, at the construct, with `Validations.of(...).acknowledge`. */
export function findingsIn(app: App): Finding[] {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap((violation) =>
    violation.violatingResources.map(
      ({ resourceLogicalId, constructPath }: { resourceLogicalId?: string; constructPath?: string }) => ({
        rule: violation.ruleName,
        resource: constructPath ?? resourceLogicalId ?? "",
        says: violation.description,
      }),
    ),
  );
}
