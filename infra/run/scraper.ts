import { Duration, RemovalPolicy, Size, Stack, Validations } from "aws-cdk-lib";
import { Peer, Port, SecurityGroup, SubnetType } from "aws-cdk-lib/aws-ec2";
import {
  type CfnFileSystem,
  FileSystem as Efs,
  LifecyclePolicy,
  PerformanceMode,
  ThroughputMode,
} from "aws-cdk-lib/aws-efs";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, DockerImageCode, DockerImageFunction, FileSystem } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { SCRAPER_MOUNT, scraperEnvironment } from "./environment";
import { mayKeepRawPages, mayReadSecret } from "./permissions";
import type { ReleaseStack } from "./release-stack";

/** Sources are asked no more than once a second, so a pass takes minutes; a court's page changes a few times a day. */
export const INTERVAL_MINUTES = { small: 30, production: 10 };

/**
 * The scrapers: one pass at a time (a second would ask the courts twice as often as was promised), on a clock of EventBridge Scheduler, which is not
 * needed for anything else: the scheduler service asks over HTTP (decision 0030). What a pass could not deliver lies on the file system for the next.
 */
export class Scraper extends Construct {
  readonly handler: DockerImageFunction;
  /** Calls of the schedule that AWS could not make. */
  readonly missed: Queue;
  readonly everyMinutes: number;

  constructor(scope: Construct, id: string, props: { shape: Shape; base: BaseStack; release: ReleaseStack }) {
    super(scope, id);
    const { shape, base, release } = props;
    const { vpc } = base.network;
    const size = sizeOf(shape).scraper;
    this.everyMinutes = INTERVAL_MINUTES[shape.size];
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };

    const group = new SecurityGroup(this, "Group", {
      vpc,
      description: "Scrapers: courts and our own API over https, their files",
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "Courts and our own address");
    const storage = new SecurityGroup(this, "StorageGroup", {
      vpc,
      description: "The files of the scrapers",
      allowAllOutbound: false,
    });
    storage.addIngressRule(group, Port.NFS, "Scrapers");
    group.addEgressRule(storage, Port.NFS, "Their files");

    const files = new Efs(this, "State", {
      vpc,
      vpcSubnets,
      securityGroup: storage,
      encrypted: true,
      kmsKey: base.keys.data,
      performanceMode: PerformanceMode.GENERAL_PURPOSE,
      throughputMode: ThroughputMode.ELASTIC,
      lifecyclePolicy: LifecyclePolicy.AFTER_30_DAYS,
      enableAutomaticBackups: false,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Nobody by being in the network, as CDK and EFS have it without this: a role has to be allowed, and to come over TLS.
    (files.node.defaultChild as CfnFileSystem).fileSystemPolicy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: { AWS: "*" },
          Action: "elasticfilesystem:*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    };
    const access = files.addAccessPoint("Scraper", {
      path: "/scraper",
      createAcl: { ownerUid: "1000", ownerGid: "1000", permissions: "750" },
      posixUser: { uid: "1000", gid: "1000" },
    });

    const logGroup = logGroupOf(this, "Logs", {
      name: "/arrestra/scraper",
      key: base.keys.logs,
      days: sizeOf(shape).logDays,
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: "Arrestra: what the scrapers may do",
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    // Lambda puts its network interface into our subnets; these actions know no resource that could be named before it exists.
    role.addToPolicy(
      new PolicyStatement({
        actions: ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"],
        resources: ["*"],
      }),
    );
    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "The network interface that Lambda makes has no name before it is made, and EC2 knows no other resource for it.",
    });
    mayReadSecret(role, base.secrets.scraper, base.keys.secrets);
    mayKeepRawPages(role, base.buckets.rawPages, base.keys.data);

    this.handler = new DockerImageFunction(this, "Function", {
      code: DockerImageCode.fromEcr(release.scraperImages, { tagOrDigest: shape.imageTag }),
      // What the scrapers' image is built for: the Chromium in it comes for nothing else.
      architecture: Architecture.X86_64,
      description: "One pass over the courts",
      memorySize: size.memory,
      timeout: Duration.seconds(size.timeoutSeconds),
      ephemeralStorageSize: Size.gibibytes(2),
      reservedConcurrentExecutions: 1,
      // A pass that failed is not repeated at once: the next slot is the next try. A call that waits behind a pass is forgotten by then too: Lambda would keep
      // it for six hours and make pass after pass of them.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(this.everyMinutes),
      vpc,
      vpcSubnets,
      securityGroups: [group],
      filesystem: FileSystem.fromEfsAccessPoint(access, SCRAPER_MOUNT),
      environment: scraperEnvironment(shape, base),
      role: role.withoutPolicyUpdates(),
      logGroup,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        resources: [files.fileSystemArn],
        conditions: { StringEquals: { "elasticfilesystem:AccessPointArn": access.accessPointArn } },
      }),
    );
    this.handler.node.addDependency(files.mountTargetsAvailable);

    this.missed = new Queue(this, "Missed", {
      encryptionMasterKey: base.keys.data,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.missed).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is itself where goes what could not be done; an alarm looks at it.",
    });
    const clock = new Role(this, "ClockRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
      description: "Arrestra: the clock starts the scrapers, or says that it could not",
    });
    for (const [actions, resource] of [
      [["lambda:InvokeFunction"], this.handler.functionArn],
      [["sqs:SendMessage"], this.missed.queueArn],
      [["kms:Decrypt", "kms:GenerateDataKey"], base.keys.data.keyArn],
    ] as const) {
      clock.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }));
    }
    new Schedule(this, "Schedule", {
      description: "Starts a pass of the scrapers",
      schedule: ScheduleExpression.rate(Duration.minutes(this.everyMinutes)),
      target: new LambdaInvoke(this.handler, {
        role: clock.withoutPolicyUpdates(),
        deadLetterQueue: this.missed,
        // A slot that could not be started within its time is the next slot's business.
        maxEventAge: Duration.minutes(this.everyMinutes),
        retryAttempts: 3,
        input: ScheduleTargetInput.fromObject({}),
      }),
    });
  }
}
