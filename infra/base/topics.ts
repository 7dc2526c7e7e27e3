import { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Shape } from "../settings";
import type { Keys } from "./keys";

/** Where alarms are told. */
export class Topics extends Construct {
  readonly alerts: Topic;

  constructor(scope: Construct, id: string, { shape, keys }: { shape: Shape; keys: Keys }) {
    super(scope, id);
    this.alerts = new Topic(this, "Alerts", { masterKey: keys.data, enforceSSL: true, displayName: "Arrestra alarms" });
    // Without a policy of its own a topic listens to alarms of its account. It has one, which asks for TLS, and so must say this too.
    this.alerts.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: ["cloudwatch", "budgets", "events"].map((name) => new ServicePrincipal(`${name}.amazonaws.com`)),
        actions: ["sns:Publish"],
        resources: [this.alerts.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    this.alerts.addSubscription(new EmailSubscription(shape.alertEmail));
  }
}
