import { type App, Fn, Stack } from "aws-cdk-lib";
import { AppSecrets } from "./base/app-secrets";
import { Buckets } from "./base/buckets";
import { Database } from "./base/database";
import { Keys } from "./base/keys";
import { Mail } from "./base/mail";
import { Network } from "./base/network";
import { Queues } from "./base/queues";
import { Topics } from "./base/topics";
import { type Shape, sizeOf } from "./settings";

/** What keeps data and what the others share: it outlives every release, and refuses to be deleted where the size says so. */
export class BaseStack extends Stack {
  readonly keys: Keys;
  readonly network: Network;
  readonly topics: Topics;
  readonly buckets: Buckets;
  readonly queues: Queues;
  readonly database: Database;
  readonly secrets: AppSecrets;
  readonly #zones: string[];

  constructor(scope: App, id: string, shape: Shape) {
    const { account, region } = shape;
    super(scope, id, {
      env: { account, region },
      description: "Arrestra: keys, network, data",
      terminationProtection: sizeOf(shape).deletionProtection,
    });
    this.#zones = Array.from({ length: sizeOf(shape).zones }, (_, index) => Fn.select(index, Fn.getAzs(region)));
    this.keys = new Keys(this, "Keys");
    this.network = new Network(this, "Network", { shape, keys: this.keys });
    if (shape.mailFrom) new Mail(this, "Mail", shape);
    this.topics = new Topics(this, "Topics", { shape, keys: this.keys });
    this.buckets = new Buckets(this, "Buckets", { shape, keys: this.keys });
    this.queues = new Queues(this, "Queues", { keys: this.keys });
    this.database = new Database(this, "Database", { shape, keys: this.keys, network: this.network });
    this.secrets = new AppSecrets(this, "AppSecrets", { keys: this.keys, database: this.database });
  }

  /** The first zones of the region, chosen when it is deployed: asking the account for them would need credentials to synthesise. */
  override get availabilityZones(): string[] {
    return this.#zones;
  }
}
