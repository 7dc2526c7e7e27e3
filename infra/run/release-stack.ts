import { type App, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import { type IRepository, Repository, RepositoryEncryption, TagMutability, TagStatus } from "aws-cdk-lib/aws-ecr";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { bootstrapEnvironment, migrateEnvironment } from "./environment";
import { Operator } from "./operator";
import { mayReadSecret } from "./permissions";
import { Task } from "./task";

/**
 * What a release needs before anything of it runs: somewhere to push the images, and the tasks that make the database's roles and its
 * tables. It is deployed first; the task that migrates runs and must end well; only then are the services given the new image.
 */
export class ReleaseStack extends Stack {
  readonly images: IRepository;
  readonly scraperImages: IRepository;
  readonly cluster: Cluster;
  readonly migrate: Task;
  /** Makes the database's roles, once, before the first migration. Null in the shape web=amplify. */
  readonly bootstrap: Task | null;

  constructor(scope: App, id: string, { shape, base }: { shape: Shape; base: BaseStack }) {
    const { account, region } = shape;
    super(scope, id, { env: { account, region }, description: "Arrestra: images, cluster, migrations" });
    this.images = repository(this, "Images", shape.imageRepository);
    this.scraperImages = repository(this, "ScraperImages", shape.scraperRepository);
    this.cluster = new Cluster(this, "Cluster", {
      vpc: base.network.vpc,
      enableFargateCapacityProviders: true,
      // Its metrics cost by their number: for one firm, those of the load balancer and of the job runner say enough.
      containerInsightsV2: shape.size === "production" ? ContainerInsights.ENABLED : ContainerInsights.DISABLED,
    });
    if (shape.size === "small") {
      Validations.of(this.cluster).acknowledge({
        id: "AwsSolutions-ECS4",
        reason:
          "Its metrics cost by their number; for one firm the load balancer's and the job runner's say what alarms need.",
      });
    }
    const { ownerSecret, appSecret, adminSecret } = base.database;
    const logGroup = logGroupOf(this, "MigrateLogs", {
      name: "/arrestra/migrate",
      key: base.keys.logs,
      days: sizeOf(shape).logDays,
    });
    const oneOff = (
      id: string,
      command: "bootstrap" | "migrate",
      environment: Record<string, string>,
      may: ISecret[],
    ) => {
      const image = { repository: this.images, imageTag: shape.imageTag };
      const stopTimeout = Duration.seconds(120);
      const task = new Task(this, id, {
        ...image,
        command,
        cpu: 256,
        memoryMiB: 1024,
        environment,
        logGroup,
        stopTimeout,
      });
      for (const secret of may) mayReadSecret(task.definition.taskRole, secret, base.keys.secrets);
      return task;
    };
    this.migrate = oneOff("Migrate", "migrate", migrateEnvironment(shape, base), [ownerSecret]);
    // A managed Postgres has an administrator that nobody here knows: its roles are made by hand.
    this.bootstrap = adminSecret
      ? oneOff("Bootstrap", "bootstrap", bootstrapEnvironment(shape, base, adminSecret), [
          adminSecret,
          ownerSecret,
          appSecret,
        ])
      : null;
    const { task: operator } = new Operator(this, "Operator", { shape, base, images: this.images });
    const { subnetIds } = base.network.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS });
    const outputs = {
      ImagesUri: this.images.repositoryUri,
      ScraperImagesUri: this.scraperImages.repositoryUri,
      ClusterName: this.cluster.clusterName,
      ...(this.bootstrap ? { BootstrapTask: this.bootstrap.definition.taskDefinitionArn } : {}),
      MigrateTask: this.migrate.definition.taskDefinitionArn,
      OperatorTask: operator.definition.taskDefinitionArn,
      TaskSubnets: subnetIds.join(","),
      TaskSecurityGroup: base.network.workerSecurityGroup.securityGroupId,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Tags that never move, so that going back to a build gives that build; the last 30 stay. */
function repository(scope: Construct, id: string, name: string): Repository {
  return new Repository(scope, id, {
    repositoryName: name,
    imageScanOnPush: true,
    imageTagMutability: TagMutability.IMMUTABLE,
    encryption: RepositoryEncryption.AES_256,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { rulePriority: 1, tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(7) },
      { rulePriority: 2, tagStatus: TagStatus.ANY, maxImageCount: 30 },
    ],
  });
}
