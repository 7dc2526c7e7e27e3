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
    this.alerts.addSubscription(new EmailSubscription(shape.alertEmail));
  }
}
