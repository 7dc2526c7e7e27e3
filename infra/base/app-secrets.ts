import { RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { mayReadSecret } from "../run/permissions";
import type { Database } from "./database";
import type { Keys } from "./keys";

/**
 * The settings that nobody may read over a shoulder, each a JSON object of names as in .env.example. They are made with one random value, so that no
 * template holds a secret; the rest is put in by hand, once, before the first start. A deployment never writes them again.
 */
export class AppSecrets extends Construct {
  /** NEXTAUTH_SECRET, FIELD_KEYS, BLIND_INDEX_KEY, SERVICE_VERIFY_KEYS, keys of vendors. Web and worker read it. */
  readonly settings: Secret;
  /**
   * What only the worker signs with: AUDIT_SIGNING_KEYS. A web server that was taken over could else sign a chain that it had written anew. Verifying asks for
   * it too, and is a job of the worker or a command in the task of an operator.
   */
  readonly worker: Secret;
  /** What only the scheduler signs with: SERVICE_SIGNING_KEYS. */
  readonly scheduler: Secret;
  /** What only the scrapers know: the firms' API keys and SCRAPER_PAGE_KEY. */
  readonly scraper: Secret;
  /** The app's login at the database. */
  readonly database: ISecret;
  readonly #keys: Keys;

  constructor(scope: Construct, id: string, { keys, database }: { keys: Keys; database: Database }) {
    super(scope, id);
    this.#keys = keys;
    this.settings = this.#secret("Settings", "Arrestra: settings of web server and worker", "NEXTAUTH_SECRET");
    this.worker = this.#secret("Worker", "Arrestra: what the worker signs with");
    this.scheduler = this.#secret("Scheduler", "Arrestra: what the scheduler signs with");
    this.scraper = this.#secret("Scraper", "Arrestra: what the scrapers know");
    this.database = database.appSecret;
  }

  /** Lets a task or a compute role read the settings and the app's login, and nothing else. */
  grantWeb(role: IRole): void {
    for (const secret of [this.settings, this.database]) mayReadSecret(role, secret, this.#keys.secrets);
  }

  #secret(name: string, description: string, random?: string): Secret {
    const secret = new Secret(this, name, {
      description,
      encryptionKey: this.#keys.secrets,
      removalPolicy: RemovalPolicy.RETAIN,
      // A plain random text where nothing of it can be made up: a process that is started too early says that it is no object of settings.
      generateSecretString: random
        ? {
            secretStringTemplate: "{}",
            generateStringKey: random,
            passwordLength: 64,
            excludePunctuation: true,
          }
        : { passwordLength: 32, excludePunctuation: true },
    });
    Validations.of(secret).acknowledge({
      id: "AwsSolutions-SMG4",
      reason:
        "These change with an overlap and with work: fields are encrypted anew (npm run rotate:fields), old keys go on to verify, and the blind index never changes. A clock that replaced them would lose data.",
    });
    return secret;
  }
}
