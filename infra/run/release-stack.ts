import { type App, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { SubnetType } from "aws-cdk-lib/aws-ec2";
import { type IRepository, Repository, RepositoryEncryption, TagMutability, TagStatus } from "aws-cdk-lib/aws-ecr";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { migrateEnvironment } from "./environment";
import { mayReadSecret } from "./permissions";
import { Task } from "./task";

/**
 * What a release needs before anything of it runs: somewhere to push the images, and the task that migrates. It is deployed first; the task runs
 * and must end well; only then are the services given the new image.
 */
export class ReleaseStack extends Stack {
  readonly images: IRepository;
  readonly scraperImages: IRepository;
  readonly cluster: Cluster;
  readonly migrate: Task;

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
    this.migrate = new Task(this, "Migrate", {
      repository: this.images,
      imageTag: shape.imageTag,
      command: "migrate",
      cpu: 256,
      memoryMiB: 1024,
      environment: migrateEnvironment(shape, base),
      logGroup: logGroupOf(this, "MigrateLogs", {
        name: "/arrestra/migrate",
        key: base.keys.logs,
        days: sizeOf(shape).logDays,
      }),
      stopTimeout: Duration.seconds(120),
    });
    mayReadSecret(this.migrate.definition.taskRole, base.database.ownerSecret, base.keys.secrets);
    const { subnetIds } = base.network.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS });
    const outputs = {
      ImagesUri: this.images.repositoryUri,
      ScraperImagesUri: this.scraperImages.repositoryUri,
      ClusterName: this.cluster.clusterName,
      MigrateTask: this.migrate.definition.taskDefinitionArn,
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
