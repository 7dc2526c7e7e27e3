import { Stack, Validations } from "aws-cdk-lib";
import { Effect, type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Shape } from "../settings";

/** Lets a role mail as the address that alerts come from, and as no other of the domain. */
export function mayMail(role: IRole, { mailFrom, domain }: Shape): void {
  if (!mailFrom) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["ses:SendEmail"],
      resources: [Stack.of(role).formatArn({ service: "ses", resource: "identity", resourceName: domain })],
      conditions: { StringEquals: { "ses:FromAddress": mailFrom } },
    }),
  );
}

/** Lets a role text phones. A phone has no ARN, so this is said of everything; every topic, which has one, is denied beside it. */
export function mayText(role: IRole, { mailFrom }: Shape): void {
  if (!mailFrom) return;
  const topics = Stack.of(role).formatArn({ service: "sns", region: "*", account: "*", resource: "*" });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["sns:Publish"], resources: ["*"] }));
  role.addToPrincipalPolicy(
    new PolicyStatement({ effect: Effect.DENY, actions: ["sns:Publish"], resources: [topics] }),
  );
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "A phone number is no resource of AWS: publishing to one can only be allowed for everything. Topics are denied.",
  });
}
