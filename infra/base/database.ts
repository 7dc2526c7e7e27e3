import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { InstanceType, SubnetType } from "aws-cdk-lib/aws-ec2";
import { DatabaseInstance, DatabaseInstanceEngine, DatabaseSecret, PostgresEngineVersion } from "aws-cdk-lib/aws-rds";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";
import type { Keys } from "./keys";
import type { Network } from "./network";

/** The database: our own in private subnets (web=ecs), or somebody's managed Postgres that is only known by its secret (web=amplify). */
export class Database extends Construct {
  /** Null in the shape web=amplify. */
  readonly instance: DatabaseInstance | null;
  /** What the app signs in with. */
  readonly appSecret: ISecret;
  /** What migrations sign in with; no process that serves is given it. */
  readonly ownerSecret: ISecret;
  /** Where the database is, for outputs and dashboards. */
  readonly endpointDescription: string;

  constructor(scope: Construct, id: string, props: { shape: Shape; keys: Keys; network: Network }) {
    super(scope, id);
    const { shape, keys, network } = props;
    if (shape.web === "amplify") {
      this.instance = null;
      this.appSecret = Secret.fromSecretCompleteArn(this, "Managed", shape.databaseSecretArn);
      this.ownerSecret = this.appSecret;
      this.endpointDescription = "a managed PostgreSQL outside this account's network, reached over forced TLS";
      return;
    }
    const size = sizeOf(shape).database;
    this.instance = new DatabaseInstance(this, "Instance", {
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18_3 }),
      instanceType: new InstanceType(size.instance),
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [network.databaseSecurityGroup],
      multiAz: size.multiAz,
      storageEncryptionKey: keys.data,
      backupRetention: Duration.days(size.backupDays),
      deletionProtection: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    const login = (name: string, username: string) =>
      new DatabaseSecret(this, name, { username, dbname: "arrestra", encryptionKey: keys.secrets }).attach(
        this.instance as DatabaseInstance,
      );
    this.appSecret = login("AppLogin", "arrestra_app");
    this.ownerSecret = login("OwnerLogin", "arrestra_owner");
    this.endpointDescription = this.instance.dbInstanceEndpointAddress;
  }
}
