import { RemovalPolicy } from "aws-cdk-lib";
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
    this.data = this.#key("Data", "arrestra/data");
    this.logs = this.#key("Logs", "arrestra/logs");
    this.secrets = this.#key("Secrets", "arrestra/secrets");
  }

  #key(id: string, alias: string): Key {
    // A key that is gone takes with it all that it sealed, backups too: deleting the stack leaves it.
    return new Key(this, id, { alias, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  }
}
