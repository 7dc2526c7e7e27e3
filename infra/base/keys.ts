import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

/** The keys that everything at rest is sealed with. AWS makes new material each year and keeps the old to read with. */
export class Keys extends Construct {
  /** Database, buckets, queues, topics. */
  readonly data: Key;
  /** Log groups. */
  readonly logs: Key;
  /** Secrets: whoever may read a bucket may not therefore read a password. */
  readonly secrets: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    this.data = this.#key("Data", "arrestra/data");
    this.logs = this.#key("Logs", "arrestra/logs");
    this.secrets = this.#key("Secrets", "arrestra/secrets");

    // Alarms, the budget and events speak to a sealed topic; each only for this account.
    for (const service of ["cloudwatch", "budgets", "events"]) {
      this.data.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ["kms:Decrypt", "kms:GenerateDataKey"],
          resources: ["*"],
          conditions: { StringEquals: { "aws:SourceAccount": account } },
        }),
      );
    }
    this.logs.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:GenerateDataKey",
          "kms:DescribeKey",
        ],
        resources: ["*"],
        conditions: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` },
        },
      }),
    );
  }

  #key(id: string, alias: string): Key {
    // A key that is gone takes with it all that it sealed, backups too: deleting the stack leaves it.
    return new Key(this, id, { alias, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  }
}
