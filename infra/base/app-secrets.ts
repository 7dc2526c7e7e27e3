import { RemovalPolicy } from "aws-cdk-lib";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Shape } from "../settings";
import type { Database } from "./database";
import type { Keys } from "./keys";

/** The settings that nobody may read over a shoulder. */
export class AppSecrets extends Construct {
  /** One JSON object: NEXTAUTH_SECRET, FIELD_KEYS and the other secret names of .env.example. Web and worker read it. */
  readonly settings: Secret;
  /** What only the scheduler signs with: SERVICE_SIGNING_KEYS. */
  readonly scheduler: Secret;
  /** What only the scrapers know: the firms' API keys and SCRAPER_PAGE_KEY. */
  readonly scraper: Secret;
  /** The app's login at the database. */
  readonly database: ISecret;
  /** Who was given the right to read what the web server and the worker need. */
  readonly webGrantees: IGrantable[] = [];

  constructor(scope: Construct, id: string, { keys, database }: { shape: Shape; keys: Keys; database: Database }) {
    super(scope, id);
    const secret = (name: string, key: string, description: string) =>
      new Secret(this, name, {
        description,
        encryptionKey: keys.secrets,
        removalPolicy: RemovalPolicy.RETAIN,
        generateSecretString: {
          secretStringTemplate: "{}",
          generateStringKey: key,
          passwordLength: 64,
          excludePunctuation: true,
        },
      });
    this.settings = secret("Settings", "NEXTAUTH_SECRET", "Arrestra: settings of web server and worker");
    this.scheduler = secret("Scheduler", "UNUSED", "Arrestra: what the scheduler signs with");
    this.scraper = secret("Scraper", "UNUSED", "Arrestra: what the scrapers know");
    this.database = database.appSecret;
  }

  /** Lets a task or a compute role read the settings and the app's login, and nothing else. */
  grantWeb(grantee: IGrantable): void {
    this.settings.grantRead(grantee);
    this.database.grantRead(grantee);
    this.webGrantees.push(grantee);
  }
}
