import type { DatabaseInstance } from "aws-cdk-lib/aws-rds";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Shape } from "../settings";
import { DatabaseLogins } from "./database-logins";
import { DatabaseMachine } from "./database-machine";
import type { Keys } from "./keys";
import type { Network } from "./network";

/** The database that the migrations make tables in. */
export const DATABASE_NAME = "arrestra";

/**
 * The database: our own in private subnets (web=ecs), or somebody's managed Postgres that is known by its secrets alone (web=amplify). In that second
 * shape nothing of a database is made here: Amplify's servers stand in no network of ours, so ours would have to be public to be reached.
 *
 * RDS Proxy is left out on purpose. What it gives is that clients share connections between their transactions, and it stops sharing one, it pins it, as
 * soon as it sees state of a session: variables changed by SET or SELECT (docs.aws.amazon.com, "Avoiding pinning an RDS Proxy", read 2026-11) and
 * prepared statements are such. Here every transaction begins with `SELECT set_config('app.tenant_id', ..., true)`, which row-level security hangs on. That
 * ends with its transaction, so no firm could leak into another's over a shared connection; but whether the proxy knows so is not documented, and
 * each connection is opened with limits of time that would be state too. A proxy whose connections are pinned costs and shares nothing. The
 * processes are few, and each has a small pool of its own (APP_DATABASE_POOL).
 */
export class Database extends Construct {
  /** Null in the shape web=amplify. */
  readonly instance: DatabaseInstance | null;
  /** What the app signs in with. */
  readonly appSecret: ISecret;
  /** What migrations sign in with; no process that serves is given it. */
  readonly ownerSecret: ISecret;
  /** What makes the roles, once; RDS made it and changes it by itself. Null in the shape web=amplify. */
  readonly adminSecret: ISecret | null;
  /** Where the database is, for outputs and dashboards. */
  readonly endpointDescription: string;

  constructor(scope: Construct, id: string, props: { shape: Shape; keys: Keys; network: Network }) {
    super(scope, id);
    const { shape, keys, network } = props;
    if (shape.web === "amplify") {
      this.instance = null;
      this.adminSecret = null;
      this.appSecret = Secret.fromSecretCompleteArn(this, "ManagedApp", shape.databaseSecretArn);
      this.ownerSecret = Secret.fromSecretCompleteArn(this, "ManagedOwner", shape.ownerSecretArn);
      this.endpointDescription = "a managed PostgreSQL outside this account's network, reached over forced TLS";
      return;
    }
    const machine = new DatabaseMachine(this, "Machine", { shape, keys, network });
    const logins = new DatabaseLogins(this, "Logins", { shape, keys, network, instance: machine.instance });
    this.instance = machine.instance;
    this.adminSecret = machine.adminSecret;
    this.appSecret = logins.app;
    this.ownerSecret = logins.owner;
    this.endpointDescription = machine.instance.dbInstanceEndpointAddress;
  }
}
