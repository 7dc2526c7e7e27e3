import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { InstanceType, SubnetType } from "aws-cdk-lib/aws-ec2";
import {
  CaCertificate,
  Credentials,
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseInstanceReadReplica,
  EngineLifecycleSupport,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  StorageType,
} from "aws-cdk-lib/aws-rds";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { type EcsShape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { DATABASE_NAME } from "./database";
import { DATABASE_PARAMETERS } from "./database-parameters";
import type { Keys } from "./keys";
import type { Network } from "./network";

/**
 * The major version that the tests run on (18.4); our SQL keeps to what 15 understands. No minor version: RDS takes newer ones by itself, and a
 * template that names an older one would then ask for a step back.
 */
const ENGINE = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
const LOGS = ["postgresql", "upgrade"];

/**
 * The machine of the database. small: one zone and no standby, since a standby doubles the price of the dearest part; whoever loses the zone restores
 * to a point in time into another, which takes its while and may lose the last minutes. production: a standby in another zone that takes over by itself.
 */
export class DatabaseMachine extends Construct {
  readonly instance: DatabaseInstance;
  readonly replica: DatabaseInstanceReadReplica | null;
  readonly adminSecret: ISecret;

  constructor(scope: Construct, id: string, props: { shape: EcsShape; keys: Keys; network: Network }) {
    super(scope, id);
    const { shape, keys, network } = props;
    const { database: size, deletionProtection, logDays } = sizeOf(shape);
    const common = {
      instanceType: new InstanceType(size.instance),
      vpc: network.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [network.databaseSecurityGroup],
      publiclyAccessible: false,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      storageType: StorageType.GP3,
      storageEncryptionKey: keys.data,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: keys.data,
      performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
      databaseInsightsMode: DatabaseInsightsMode.STANDARD,
      cloudwatchLogsExports: LOGS,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      deletionProtection,
      // Off: a password that changes by itself is what the roles sign in with, and a token of IAM would have to be asked for at every new connection.
      iamAuthentication: false,
      ...(size.monitoringSeconds > 0 ? { monitoringInterval: Duration.seconds(size.monitoringSeconds) } : {}),
    };
    const parameterGroup = new ParameterGroup(this, "Parameters", {
      engine: ENGINE,
      description: "Arrestra: TLS, limits of time, logs without what was filled in",
      parameters: { ...DATABASE_PARAMETERS },
    });
    this.instance = new DatabaseInstance(this, "Instance", {
      ...common,
      engine: ENGINE,
      engineLifecycleSupport: EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT_DISABLED,
      instanceIdentifier: DATABASE_NAME,
      databaseName: DATABASE_NAME,
      // RDS makes this password, keeps it in Secrets Manager and changes it every week: no function of ours ever holds it.
      credentials: Credentials.fromUsername("arrestra_admin", { encryptionKey: keys.secrets }),
      manageMasterUserPassword: true,
      parameterGroup,
      multiAz: size.multiAz,
      allocatedStorage: size.storageGb,
      maxAllocatedStorage: size.maxStorageGb,
      // With backups comes the restore to any second of so many days.
      backupRetention: Duration.days(size.backupDays),
      preferredBackupWindow: "08:00-08:30",
      preferredMaintenanceWindow: "sun:09:00-sun:10:00",
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    if (!this.instance.secret) throw new Error("RDS names no secret for the administrator");
    this.adminSecret = this.instance.secret;
    this.#logs(DATABASE_NAME, this.instance, keys, logDays);

    this.replica = shape.readReplica
      ? new DatabaseInstanceReadReplica(this, "Replica", {
          ...common,
          sourceDatabaseInstance: this.instance,
          instanceIdentifier: `${DATABASE_NAME}-replica`,
          parameterGroup,
          removalPolicy: RemovalPolicy.DESTROY,
        })
      : null;
    if (this.replica) this.#logs(`${DATABASE_NAME}-replica`, this.replica, keys, logDays);
    this.#acknowledge(shape);
  }

  /** Made before RDS would make them, which seals none and keeps all for ever. */
  #logs(identifier: string, before: Construct, keys: Keys, days: number): void {
    for (const name of LOGS) {
      const group = logGroupOf(this, `${identifier}-${name}-logs`, {
        name: `/aws/rds/instance/${identifier}/${name}`,
        key: keys.logs,
        days,
      });
      before.node.addDependency(group);
    }
  }

  #acknowledge(shape: EcsShape): void {
    Validations.of(this).acknowledge(
      {
        id: "AwsSolutions-RDS11",
        reason: "The port is no secret: only three security groups reach it, and none is the world's.",
      },
      {
        id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]",
        reason: "AWS's own policy, by which RDS writes readings of the machine to a log group; RDS takes no other.",
      },
    );
    if (!sizeOf(shape).database.multiAz) {
      Validations.of(this).acknowledge({
        id: "AwsSolutions-RDS3",
        reason: "The small size has no standby, and says so: restore to a point in time instead.",
      });
    }
  }
}
