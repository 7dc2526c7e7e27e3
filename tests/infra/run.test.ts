import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BESIDE_POOL, connectionsAlarming, connectionsTaken, OF_RUNNER } from "../../infra/base/connections";
import { INTERVAL_MINUTES } from "../../infra/run/scraper";
import { sizeOf } from "../../infra/settings";
import { firstOf } from "./first-of";
import { ALL_SHAPES, type Resource, resourcesOf, synthesise } from "./synth";

type Container = {
  Name: string;
  Command: string[];
  Environment?: { Name: string; Value: unknown }[];
  Secrets?: unknown;
  User: string;
  ReadonlyRootFilesystem: boolean;
  Privileged?: boolean;
  StopTimeout: number;
  LinuxParameters: { InitProcessEnabled: boolean };
  MountPoints: { ContainerPath: string; ReadOnly: boolean }[];
};

const TASK = "AWS::ECS::TaskDefinition";
const SERVICE = "AWS::ECS::Service";

const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");
const containersOf = ({ properties }: Resource) => properties.ContainerDefinitions as Container[];
const commandOf = (task: Resource) => containersOf(task)[0]?.Command[0];

const described = new Set(
  readFileSync(new URL("../../.env.example", import.meta.url), "utf8")
    .split("\n")
    .map((line) => /^([A-Z0-9_]+)=/.exec(line)?.[1]),
);
/** Read by Next's own server: how long it keeps a connection. */
const OF_NEXT = ["KEEP_ALIVE_TIMEOUT"];
/** Read by the command `bootstrap` (scripts/container/logins.ts), the owner's by commands of operators too: names of secrets. */
const OF_BOOTSTRAP = ["ADMIN_SECRET_ARN", "OWNER_SECRET_ARN", "APP_SECRET_ARN"];
/** Commands that end. */
const ONE_OFF = ["bootstrap", "migrate", "firm"];
/** Names whose value would be a secret. */
const SECRET = /SECRET|KEY|TOKEN|PASSWORD|CREDENTIAL|DATABASE_URL|_SID$/;
/** Names whose value is where a secret is. */
const OF_A_SECRET = /^SECRETS_ARN$|^[A-Z]+_SECRET_ARN$/;

/** Names of settings that are unknown to the program, or that hold what nobody may read in a console. */
const wrongOf = (environment: readonly { name: string; value: unknown }[]): string[] =>
  environment
    .filter(({ name, value }) => {
      const isKnown = described.has(name) || OF_NEXT.includes(name) || OF_BOOTSTRAP.includes(name);
      const isSecret = (SECRET.test(name) && !OF_A_SECRET.test(name)) || JSON.stringify(value).includes("resolve:");
      return !isKnown || isSecret;
    })
    .map(({ name }) => name);

it("counts connections as the program opens them", () => {
  const read = (file: string) => readFileSync(new URL(`../../lib/platform/${file}`, import.meta.url), "utf8");
  const numberIn = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const queue = read("queue.ts");
  expect(BESIDE_POOL).toEqual({
    house: numberIn(read("db.ts"), /HOUSE_POOL = (\d+);/),
    sender: numberIn(queue, /max: (\d+),[^}]*"sender"/),
  });
  // The relay takes the place of the runner.
  expect(OF_RUNNER).toBe(numberIn(read("postgres-source.ts"), /max: (\d+),[^}]*"runner"/));
  expect(OF_RUNNER).toBe(numberIn(read("sqs-relay.ts"), /max: (\d+),[^}]*"relay"/));
});

describe.each(ALL_SHAPES)("what runs at web=$web, size=$size", ({ web, size }) => {
  const all = synthesise(web, size);
  const tasks = resourcesOf(all, TASK);
  const services = resourcesOf(all, SERVICE);
  const numbers = sizeOf(all.shape);

  it("has one image with a command for each process, and tasks for the database that no service runs", () => {
    const commands = tasks.map(commandOf).sort();
    expect(commands).toEqual(
      ["migrate", "firm", "scheduler", ...(web === "ecs" ? ["bootstrap", "web"] : []), "worker"].sort(),
    );
    const oneOff = tasks.filter((task) => ONE_OFF.includes(commandOf(task) ?? ""));
    expect(services).toHaveLength(commands.length - oneOff.length);
    const outputs = all.stacks.get("ArrestraRelease")?.toJSON().Outputs as Record<string, { Value: unknown }>;
    const told = {
      bootstrap: outputs.BootstrapTask?.Value,
      migrate: outputs.MigrateTask?.Value,
      firm: outputs.OperatorTask?.Value,
    };
    for (const task of oneOff) {
      expect(task.name).toMatch(/^ArrestraRelease\//);
      expect(JSON.stringify(services)).not.toContain(task.id);
      expect(told[commandOf(task) as keyof typeof told]).toEqual({ Ref: task.id });
    }
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["ClusterName", "TaskSubnets", "TaskSecurityGroup"]));
    // The runbooks stop a court by it.
    expect(all.stacks.get("ArrestraBackground")?.toJSON().Outputs).toMatchObject({
      ScraperFunction: { Value: { Ref: expect.stringMatching(/^ScraperFunction/) } },
    });
    expect(new Set(tasks.map((task) => JSON.stringify(containersOf(task)[0]?.Name))).size).toBe(tasks.length);
  });

  // Seen red without: user, readonlyRootFilesystem, initProcessEnabled, the volume of /tmp.
  it("runs no task as root, none that can write its own program, all with somewhere to write and time to end", () => {
    for (const task of tasks) {
      for (const container of containersOf(task)) {
        expect(container.User, task.name).toMatch(/^[1-9]\d*:[1-9]\d*$/);
        expect(dockerfile, task.name).toContain(`USER ${container.User}`);
        expect(container.ReadonlyRootFilesystem, task.name).toBe(true);
        expect(container.Privileged ?? false, task.name).toBe(false);
        expect(container.LinuxParameters.InitProcessEnabled, task.name).toBe(true);
        expect(container.StopTimeout, task.name).toBeGreaterThanOrEqual(30);
        expect(container.StopTimeout, task.name).toBeLessThanOrEqual(120);
        const writable = container.MountPoints.filter(({ ReadOnly }) => !ReadOnly);
        expect(
          writable.map(({ ContainerPath }) => ContainerPath),
          task.name,
        ).toEqual(["/tmp"]);
      }
      expect(task.properties.RuntimePlatform, task.name).toMatchObject({ CpuArchitecture: "ARM64" });
    }
  });

  // Seen red without: the check in the task.
  it("asks every service whether it lives, as its image does", () => {
    for (const task of tasks.filter((each) => !ONE_OFF.includes(commandOf(each) ?? ""))) {
      const [{ HealthCheck } = {}] = task.properties.ContainerDefinitions as { HealthCheck?: { Command: string[] } }[];
      const [, ...command] = HealthCheck?.Command ?? [];
      expect(dockerfile, task.name).toContain(`CMD ${JSON.stringify(command).replaceAll(",", ", ")}`);
    }
  });

  // Seen red with: NEXTAUTH_SECRET in the environment of the scheduler, a setting that no program reads.
  it("gives processes names of secrets and never a secret, and only settings that they read", () => {
    const environments = [
      ...tasks.flatMap(containersOf).map(({ Environment, Secrets }) => {
        expect(Secrets).toBeUndefined();
        return (Environment ?? []).map(({ Name, Value }) => ({ name: Name, value: Value }));
      }),
      ...resourcesOf(all, "AWS::Lambda::Function")
        .filter(({ properties }) => properties.PackageType === "Image")
        .map(({ properties }) => {
          const { Variables } = properties.Environment as { Variables: Record<string, unknown> };
          return Object.entries(Variables).map(([name, value]) => ({ name, value }));
        }),
      ...resourcesOf(all, "AWS::Amplify::App").map(({ properties }) =>
        (properties.EnvironmentVariables as { Name: string; Value: unknown }[]).map(({ Name, Value }) => ({
          name: Name,
          value: Value,
        })),
      ),
    ];
    expect(environments).toHaveLength(web === "ecs" ? 7 : 6);
    for (const environment of environments) {
      expect(wrongOf(environment)).toEqual([]);
      expect(environment).toContainEqual({ name: "ARRESTRA_ENV", value: "production" });
      expect(environment.some(({ name }) => OF_A_SECRET.test(name))).toBe(true);
    }
  });

  // Seen red with: a public address; without: going back of the circuit breaker.
  it("keeps tasks off the internet, and goes back by itself from a build that does not get healthy", () => {
    for (const { name, properties } of services) {
      expect(properties.NetworkConfiguration, name).toMatchObject({
        AwsvpcConfiguration: { AssignPublicIp: "DISABLED" },
      });
      expect(JSON.stringify(properties.NetworkConfiguration), name).toMatch(/privateSubnet/);
      expect(properties.DeploymentConfiguration, name).toMatchObject({
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      });
      expect(properties.EnableExecuteCommand ?? false, name).toBe(false);
    }
  });

  // Seen red with: ARM for the function; another path of the file in the Dockerfile.
  it("agrees with the images about machines, Chromium and who signs the database's certificate", () => {
    const [handler] = resourcesOf(all, "AWS::Lambda::Function").filter(
      ({ properties }) => properties.PackageType === "Image",
    );
    expect(handler?.properties.Architectures).toEqual(["x86_64"]);
    expect(dockerfile).toMatch(/--target scraper --platform linux\/amd64/);
    const [, chromium] = /CHROMIUM_PATH=(\S+)/.exec(dockerfile) ?? [];
    expect(dockerfile).toMatch(new RegExp(`^COPY --from=build-scraper \\S+ ${chromium}$`, "m"));
    expect(dockerfile).toMatch(/cp "\$\{DATABASE_CA\}" \/rds\/global-bundle\.pem/);
    expect(dockerfile).toMatch(/^COPY --from=build \/rds \/etc\/ssl\/rds$/m);
    expect(dockerfile).toMatch(/NODE_EXTRA_CA_CERTS=\$\{DATABASE_CA:\+\/etc\/ssl\/rds\/global-bundle\.pem\}/);
    const ours = JSON.stringify([...tasks, handler].map((each) => each?.properties));
    expect(ours).not.toMatch(/CHROMIUM_PATH|NODE_EXTRA_CA_CERTS/);
  });

  it("adds job runners when jobs wait, by a number that names no firm", () => {
    const policies = resourcesOf(all, "AWS::ApplicationAutoScaling::ScalingPolicy").map(
      ({ properties }) => properties.TargetTrackingScalingPolicyConfiguration as Record<string, unknown>,
    );
    const byAge = policies.map(({ CustomizedMetricSpecification }) => CustomizedMetricSpecification).filter(Boolean);
    expect(byAge).toEqual([{ Namespace: "Arrestra", MetricName: "QueueAgeSeconds", Statistic: "Maximum" }]);
    expect(policies).toHaveLength(web === "ecs" ? 3 : 2);
    for (const { properties, name } of resourcesOf(all, "AWS::ApplicationAutoScaling::ScalableTarget")) {
      expect(Number(properties.MaxCapacity), name).toBeGreaterThan(Number(properties.MinCapacity));
    }
  });

  it("keeps images under tags that never move, and looks at what is pushed", () => {
    const repositories = resourcesOf(all, "AWS::ECR::Repository");
    expect(repositories).toHaveLength(2);
    for (const { properties, name, policy } of repositories) {
      expect(properties.ImageTagMutability, name).toBe("IMMUTABLE");
      expect(properties.ImageScanningConfiguration, name).toEqual({ ScanOnPush: true });
      expect(policy, name).toBe("Retain");
    }
  });

  // Seen red without: reservedConcurrentExecutions, the dead-letter queue, Deny in the policy of the file system.
  // Seen red with: a drain of two minutes.
  it("gives a job runner the time that it takes to end, and to say so", () => {
    const source = readFileSync(new URL("../../workers/run-jobs.ts", import.meta.url), "utf8");
    const drainMs = Number(/DRAIN_MS = ([\d_]+);/.exec(source)?.[1]?.replaceAll("_", ""));
    const worker = tasks.find((task) => commandOf(task) === "worker");
    const seconds = worker && containersOf(worker)[0]?.StopTimeout;
    expect((seconds ?? 0) * 1000).toBeGreaterThanOrEqual(drainMs + 20_000);
  });

  // Seen red with: a pool of 12 at size=production.
  it("opens fewer connections than would raise the alarm, with every task there may be, twice over, and an operator's", () => {
    expect(connectionsTaken(numbers)).toBeLessThan(connectionsAlarming(numbers));
    const pools = tasks.flatMap((task) => {
      const of = containersOf(task)[0]?.Environment?.find(({ Name }) => Name === "APP_DATABASE_POOL")?.Value;
      return of === undefined ? [] : [[commandOf(task), of]];
    });
    const pool = String(numbers.database.pool);
    const wanted = ["firm", ...(web === "ecs" ? ["web"] : []), "worker"].map((command) => [command, pool]);
    expect(pools.sort()).toEqual(wanted);
  });

  it("scrapes one pass at a time by a clock that says when it could not, on files that only the scraper mounts", () => {
    const [handler] = resourcesOf(all, "AWS::Lambda::Function").filter(
      ({ properties }) => properties.PackageType === "Image",
    );
    expect(handler?.properties).toMatchObject({
      ReservedConcurrentExecutions: 1,
      MemorySize: numbers.scraper.memory,
      EphemeralStorage: { Size: 2048 },
      FileSystemConfigs: [{ LocalMountPath: "/mnt/state" }],
      Environment: { Variables: { SCRAPER_STATE_DIR: "/mnt/state" } },
    });
    const [schedule, ...others] = resourcesOf(all, "AWS::Scheduler::Schedule");
    expect(others).toEqual([]);
    const target = schedule?.properties.Target as { RetryPolicy: object; DeadLetterConfig: { Arn: unknown } };
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: expect.any(Number), MaximumRetryAttempts: 3 });
    expect(target.DeadLetterConfig.Arn).toBeTruthy();
    // Seen red with: Lambda's own six hours; a pass of ten minutes every ten minutes.
    const seconds = INTERVAL_MINUTES[size] * 60;
    const [calls, ...more] = resourcesOf(all, "AWS::Lambda::EventInvokeConfig");
    expect(more).toEqual([]);
    expect(calls?.properties).toMatchObject({ MaximumEventAgeInSeconds: seconds, MaximumRetryAttempts: 0 });
    expect(calls?.properties.FunctionName).toEqual({ Ref: handler?.id });
    expect(Number(handler?.properties.Timeout)).toBeLessThan(seconds);
    const files = firstOf(all, "AWS::EFS::FileSystem");
    const { Statement } = files.properties.FileSystemPolicy as { Statement: { Effect: string }[] };
    expect(Statement.map(({ Effect }) => Effect)).toEqual(["Deny"]);
  });
});

// Seen red with: 30000; without DRAIN_MS.
it.each(["small", "production"] as const)(
  "lets a web task that is about to go serve on, for less than load balancer and ECS wait: size=%s",
  (size) => {
    const all = synthesise("ecs", size);
    const [container] = resourcesOf(all, TASK)
      .filter((task) => commandOf(task) === "web")
      .flatMap(containersOf);
    const drainMs = Number(container?.Environment?.find(({ Name }) => Name === "DRAIN_MS")?.Value);
    const { TargetGroupAttributes } = firstOf(all, "AWS::ElasticLoadBalancingV2::TargetGroup").properties as {
      TargetGroupAttributes: { Key: string; Value: string }[];
    };
    const delay = TargetGroupAttributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value;
    expect(drainMs).toBeGreaterThan(0);
    expect(drainMs).toBeLessThan(Number(delay) * 1000);
    expect(Number(delay)).toBeLessThan(Number(container?.StopTimeout));
  },
);

describe("Amplify", () => {
  const all = synthesise("amplify", "small");
  const app = firstOf(all, "AWS::Amplify::App");
  const branch = firstOf(all, "AWS::Amplify::Branch");
  const domain = firstOf(all, "AWS::Amplify::Domain");

  // Seen red with: enablePullRequestPreview, enableAutoBuild.
  it("builds the branch when it is told to, shows nobody's pull request, and serves every name below the domain", () => {
    expect(app.properties).toMatchObject({ Platform: "WEB_COMPUTE" });
    expect(branch.properties).toMatchObject({ EnableAutoBuild: false, EnablePullRequestPreview: false });
    expect(domain.properties).toMatchObject({
      SubDomainSettings: [
        { Prefix: "", BranchName: "main" },
        { Prefix: "*", BranchName: "main" },
      ],
    });
  });

  it("tells the server what Amplify cannot carry, and hands on every one of its settings", () => {
    const given = app.properties.EnvironmentVariables as { Name: string; Value: unknown }[];
    expect(given).toContainEqual({ Name: "REPLY_LIMIT_BYTES", Value: "5000000" });
    const spec = readFileSync(new URL("../../amplify.yml", import.meta.url), "utf8");
    expect(app.properties.BuildSpec).toBe(spec);
    const written = /grep -E '\^\(([A-Z_|]+)\)='/.exec(spec)?.[1]?.split("|") ?? [];
    // The last two where a deployment has traces.
    const settings = [...given.map(({ Name }) => Name), "OTEL_EXPORTER_OTLP_ENDPOINT", "TRACE_SHARE"];
    expect(settings.filter((name) => !written.includes(name))).toEqual([]);
  });

  // Seen red without: customHeaders.
  it("has its edge send the files of a build as strictly as the server would", () => {
    const { customHeaders } = parse(String(app.properties.CustomHeaders)) as {
      customHeaders: { pattern: string; headers: { key: string; value: string }[] }[];
    };
    expect(customHeaders.map(({ pattern }) => pattern)).toEqual(["/_next/static/*"]);
    const headers = customHeaders.flatMap((each) => each.headers);
    expect(headers.map(({ key }) => key)).toEqual(["Strict-Transport-Security", "X-Content-Type-Options"]);
    const ours = readFileSync(new URL("../../next.config.js", import.meta.url), "utf8");
    for (const { key, value } of headers) expect(ours).toContain(`"${key}": "${value}"`);
  });

  it("runs as a role that only Amplify of this account may take", () => {
    const roles = resourcesOf(all, "AWS::IAM::Role").filter(({ properties }) =>
      JSON.stringify(properties.AssumeRolePolicyDocument).includes("amplify.amazonaws.com"),
    );
    expect(roles).toHaveLength(2);
    expect(JSON.stringify(app.properties.ComputeRoleArn)).toContain("ComputeRole");
    expect(branch.properties.ComputeRoleArn).toEqual(app.properties.ComputeRoleArn);
  });
});
