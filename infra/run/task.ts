import { Duration, Validations } from "aws-cdk-lib";
import type { IRepository } from "aws-cdk-lib/aws-ecr";
import {
  type ContainerDefinition,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  type HealthCheck,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  type PortMapping,
} from "aws-cdk-lib/aws-ecs";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** The user of the image (Dockerfile), by number: a name would be looked up in the image, a number cannot mean root. */
const USER = "10001:10001";

/** The check of the image itself: ECS reads none out of a Dockerfile. */
const HEALTH_CHECK: HealthCheck = {
  command: ["CMD", "node", "/app/entry.mjs", "health"],
  interval: Duration.seconds(30),
  timeout: Duration.seconds(5),
  retries: 3,
  startPeriod: Duration.seconds(60),
};

/** Commands that do their work and end: somebody starts them and reads how they ended. */
const ONE_OFF = ["bootstrap", "migrate", "firm"] as const;

export type TaskProps = {
  repository: IRepository;
  imageTag: string;
  command: "web" | "worker" | "scheduler" | (typeof ONE_OFF)[number];
  /** What the container is called, where that is not its command. */
  name?: string;
  cpu: number;
  memoryMiB: number;
  /** Names of secrets, addresses, numbers: never a secret value, which whoever may describe a task could read. */
  environment: Record<string, string>;
  logGroup: ILogGroup;
  /** How long it may finish what it holds after SIGTERM. */
  stopTimeout: Duration;
  portMappings?: PortMapping[];
};

/**
 * One task of our image as every task of ours runs: ARM, not as root, on a file system that cannot be written except for /tmp. It is given names
 * of secrets and reads them with its role at run time, so that a new value needs no new task definition.
 */
export class Task {
  readonly definition: FargateTaskDefinition;
  readonly container: ContainerDefinition;

  constructor(scope: Construct, id: string, props: TaskProps) {
    this.definition = new FargateTaskDefinition(scope, id, {
      cpu: props.cpu,
      memoryLimitMiB: props.memoryMiB,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      // Fargate has no tmpfs: an empty volume of the task, gone with it. The image declares /tmp, which gives the volume its owner.
      volumes: [{ name: "scratch" }],
    });
    this.container = this.definition.addContainer("app", {
      image: ContainerImage.fromEcrRepository(props.repository, props.imageTag),
      containerName: props.name ?? props.command,
      command: [props.command],
      environment: props.environment,
      user: USER,
      readonlyRootFilesystem: true,
      // Reaps what Chromium or Node leave behind and passes SIGTERM on.
      linuxParameters: new LinuxParameters(scope, `${id}Linux`, { initProcessEnabled: true }),
      stopTimeout: props.stopTimeout,
      logging: LogDriver.awsLogs({ logGroup: props.logGroup, streamPrefix: props.name ?? props.command }),
      // Whether the process lives, which is all that an orchestrator can mend; a database that is away is no reason to end it.
      ...(ONE_OFF.some((each) => each === props.command) ? {} : { healthCheck: HEALTH_CHECK }),
      ...(props.portMappings ? { portMappings: props.portMappings } : {}),
    });
    Validations.of(this.definition).acknowledge({
      id: "AwsSolutions-ECS2",
      reason:
        "Names of secrets and buckets, addresses and numbers stand here, which a test reads. What is secret is read with the task's role at run time.",
    });
    Validations.of(this.definition.obtainExecutionRole()).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason: "ecr:GetAuthorizationToken knows no resource; pulling does, and names the repository.",
    });
    this.container.addMountPoints({ containerPath: "/tmp", sourceVolume: "scratch", readOnly: false });
  }
}
