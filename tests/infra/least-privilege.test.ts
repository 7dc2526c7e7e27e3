import { describe, expect, it } from "vitest";
import { JOBS } from "@/lib/contracts/jobs";
import { ALL_SHAPES, resourcesOf, type Synthesised, synthesise } from "./synth";

type Statement = {
  Effect: string;
  Action?: string | string[];
  NotAction?: unknown;
  Resource?: unknown;
  NotResource?: unknown;
  Condition?: unknown;
};
type Grant = { role: string; actions: string[]; resources: string[]; condition: unknown };

/** What may be said of everything, because AWS knows no resource for it, or none that has a name before it is made. */
const OF_EVERYTHING: Record<string, string> = {
  "ecr:GetAuthorizationToken": "a token for the registry of the account; pulling names the repository",
  "sns:Publish": "a phone number is no resource; topics are denied beside it",
  "ec2:CreateNetworkInterface": "Lambda's interface in our subnets has no name yet",
  "ec2:DescribeNetworkInterfaces": "knows no resource",
  "ec2:DeleteNetworkInterface": "Lambda's interface has no name yet",
};

/** Services that hold what is somebody's. */
const OF_DATA = /^(s3|kms|secretsmanager|sqs|sns|rds|rds-data|dynamodb|elasticfilesystem|ssm):/;

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : ([value].flat() as T[]));

/** `Stack/LogicalId` of whatever a template refers to, also in another stack; text as it is. */
function targetOf(all: Synthesised, stack: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((each) => targetOf(all, stack, each)).join("");
  const node = value as Record<string, unknown>;
  if ("Ref" in node) return `${stack}/${node.Ref}`;
  const attribute = node["Fn::GetAtt"] as string[] | undefined;
  if (attribute) return `${stack}/${attribute[0]}`;
  const joined = node["Fn::Join"] as [string, unknown[]] | undefined;
  if (joined) return joined[1].map((each) => targetOf(all, stack, each)).join(joined[0]);
  const output = node["Fn::GetStackOutput"] as { StackName: string; OutputName: string } | undefined;
  if (!output) throw new Error(`a reference of an unknown kind: ${JSON.stringify(value)}`);
  const outputs = all.stacks.get(output.StackName)?.toJSON().Outputs as Record<string, { Value: unknown }>;
  return targetOf(all, output.StackName, outputs[output.OutputName]?.Value);
}

/** What every role of a shape may do. */
function grantsOf(all: Synthesised): Grant[] {
  const stackOf = (name: string) => name.slice(0, name.indexOf("/"));
  const read = (stack: string, roles: string[], document: { Statement: Statement[] }) =>
    document.Statement.filter(({ Effect }) => Effect === "Allow").flatMap((statement) => {
      if (statement.NotAction || statement.NotResource) throw new Error("all but something is no least privilege");
      const resources = listOf(statement.Resource).map((each) => targetOf(all, stack, each));
      const { Condition: condition } = statement;
      return roles.map((role) => ({ role, actions: listOf(statement.Action), resources, condition }));
    });
  return [
    ...resourcesOf(all, "AWS::IAM::Policy").flatMap(({ name, properties }) =>
      read(
        stackOf(name),
        (properties.Roles as unknown[]).map((role) => targetOf(all, stackOf(name), role)),
        properties.PolicyDocument as { Statement: Statement[] },
      ),
    ),
    ...resourcesOf(all, "AWS::IAM::Role").flatMap(({ name, properties }) =>
      ((properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) =>
        read(stackOf(name), [name], PolicyDocument),
      ),
    ),
  ];
}

const tasksFor = (all: Synthesised, command: string) =>
  resourcesOf(all, "AWS::ECS::TaskDefinition").filter(({ properties }) =>
    JSON.stringify(properties.ContainerDefinitions).includes(`"Command":["${command}"]`),
  );

/** The role that a task with this command, or the function, runs under. */
function roleOf(
  all: Synthesised,
  command: "web" | "worker" | "scheduler" | "bootstrap" | "migrate" | "firm" | "scraper",
): string {
  if (command === "scraper") {
    const [handler] = resourcesOf(all, "AWS::Lambda::Function").filter(
      ({ properties }) => properties.PackageType === "Image",
    );
    return targetOf(all, String(handler?.name.split("/")[0]), handler?.properties.Role);
  }
  if (command === "web" && all.shape.web === "amplify") {
    const [app] = resourcesOf(all, "AWS::Amplify::App");
    return targetOf(all, String(app?.name.split("/")[0]), app?.properties.ComputeRoleArn);
  }
  const [task] = tasksFor(all, command);
  return targetOf(all, String(task?.name.split("/")[0]), task?.properties.TaskRoleArn);
}

/** What a role may read of the secrets, by the names that the base gives them. */
function secretsOf(all: Synthesised, grants: readonly Grant[], role: string): string[] {
  const names = grants
    .filter((grant) => grant.role === role && grant.actions.includes("secretsmanager:GetSecretValue"))
    .flatMap(({ resources }) => resources)
    .map((resource) => nameOf(all, resource));
  return [...new Set(names)].sort();
}

function nameOf(all: Synthesised, secret: string): string {
  if (all.shape.web === "amplify") {
    if (secret === all.shape.databaseSecretArn) return "app";
    if (secret === all.shape.ownerSecretArn) return "owner";
  }
  const known = {
    app: /DatabaseLoginsApp/,
    owner: /DatabaseLoginsOwner/,
    admin: /DatabaseMachine/,
    settings: /AppSecretsSettings/,
    worker: /AppSecretsWorker/,
    scheduler: /AppSecretsScheduler/,
    scraper: /AppSecretsScraper/,
  };
  const found = Object.entries(known).find(([, pattern]) => pattern.test(secret));
  if (!found) throw new Error(`a secret that this test does not know: ${secret}`);
  return found[0];
}

describe.each(ALL_SHAPES)("what roles may do, web=$web, size=$size", ({ web, size }) => {
  const all = synthesise(web, size);
  const grants = grantsOf(all);

  // Seen red with: s3:* in place of an action of mayUseFiles.
  it("names every action on data, and never says all of a service", () => {
    const vague = grants.filter(({ actions }) =>
      actions.some((action) => action === "*" || (OF_DATA.test(action) && action.includes("*"))),
    );
    expect(vague).toEqual([]);
    expect(grants.length).toBeGreaterThan(20);
  });

  it("lets the job runner alone add lines to the log group of the audit trails, and nobody take any away", () => {
    const [group] = resourcesOf(all, "AWS::Logs::LogGroup").filter(
      ({ properties }) => properties.LogGroupName === "/arrestra/audit",
    );
    expect(group?.properties).toMatchObject({ RetentionInDays: 400 });
    const ofGroup = grants.filter(({ resources }) => resources.some((each) => each.startsWith(String(group?.name))));
    expect(ofGroup).toMatchObject([
      { role: roleOf(all, "worker"), actions: ["logs:CreateLogStream", "logs:PutLogEvents"] },
    ]);
  });

  // Seen red with: "*" in place of the secret in mayReadSecret.
  it("names the resources, but for a short list of actions that know none", () => {
    const wide = grants
      .filter(({ resources }) => resources.includes("*"))
      .flatMap(({ role, actions }) => actions.map((action) => ({ role, action })));
    expect(wide.filter(({ action }) => !(action in OF_EVERYTHING))).toEqual([]);
  });

  // Seen red with: the owner's secret for the worker.
  it("shows the owner's login to migrations and the task of an operator alone, and to what gives it its password", () => {
    const readers = grants.filter(
      ({ actions, resources }) =>
        actions.some((action) => /^secretsmanager:.*Get/.test(action)) &&
        resources.some((each) =>
          each.startsWith("ArrestraBase/Database") || each.includes(":secret:") ? nameOf(all, each) === "owner" : false,
        ),
    );
    const wanted = [roleOf(all, "migrate"), roleOf(all, "firm"), ...(web === "ecs" ? [roleOf(all, "bootstrap")] : [])];
    expect([...new Set(readers.map(({ role }) => role))].sort()).toEqual(wanted.sort());
  });

  // Seen red with: the settings in place of the secret of the scraper, and of the scheduler's; the key of audit heads granted to the web server.
  it("shows each process its own secrets and no other's", () => {
    const read = (command: Parameters<typeof roleOf>[1]) => secretsOf(all, grants, roleOf(all, command));
    expect(read("web")).toEqual(["app", "settings"]);
    expect(read("worker")).toEqual(["app", "settings", "worker"]);
    expect(read("scheduler")).toEqual(["scheduler"]);
    expect(read("scraper")).toEqual(["scraper"]);
    expect(read("migrate")).toEqual(["owner"]);
    expect(read("firm")).toEqual(["app", "owner", "settings", "worker"]);
    if (web === "ecs") expect(read("bootstrap")).toEqual(["admin", "app", "owner"]);
  });

  // Seen red without: the worker's secret in SECRETS_ARN.
  it("tells each task of the secrets that it may read, and of no others", () => {
    for (const command of web === "ecs"
      ? (["web", "worker", "scheduler"] as const)
      : (["worker", "scheduler"] as const)) {
      const [task] = tasksFor(all, command);
      const containers = task?.properties.ContainerDefinitions as { Environment: { Name: string; Value: unknown }[] }[];
      const named = containers[0]?.Environment.find(({ Name }) => Name === "SECRETS_ARN")?.Value;
      const names = targetOf(all, String(task?.name.split("/")[0]), named)
        .split(",")
        .map((each) => nameOf(all, each));
      expect(names.sort(), command).toEqual(secretsOf(all, grants, roleOf(all, command)));
    }
  });

  // Seen red with: the administrator's secret for migrations.
  it("shows the administrator's login to the task that makes the roles, and to nobody where there is none", () => {
    const roles = [...new Set(grants.map(({ role }) => role))];
    const readers = roles.filter((role) => secretsOf(all, grants, role).includes("admin"));
    expect(readers).toEqual(web === "ecs" ? [roleOf(all, "bootstrap")] : []);
    const may = grants.filter(({ role }) => readers.includes(role)).flatMap(({ actions }) => actions);
    const wanted = web === "ecs" ? ["kms:Decrypt", "secretsmanager:GetSecretValue"] : [];
    expect([...new Set(may)].sort()).toEqual(wanted);
  });

  // Seen red with: mayWorkQueues where the database hands out jobs too; sqs:ReceiveMessage on the dead letters for the job runner.
  it("lets the job runner work the queues where SQS hands out jobs, an operator bring dead letters back, and nobody else at them", () => {
    const may = grants.flatMap(({ role, actions, resources }) =>
      resources
        .filter((each) => each.includes("ArrestraBase/Queues"))
        .map((each) => `${role} ${/dead/.test(each) ? "dead" : "jobs"} ${actions.toSorted().join(" ")}`),
    );
    const worker = roleOf(all, "worker");
    const operator = roleOf(all, "firm");
    const [attributes, change, remove, receive, send] = [
      "sqs:GetQueueAttributes",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ];
    const wanted = [
      `${worker} jobs ${change} ${remove} ${attributes} ${receive} ${send}`,
      `${worker} dead ${attributes} ${send}`,
      `${operator} jobs ${attributes} ${send}`,
      `${operator} dead ${remove} ${attributes} ${receive}`,
    ];
    expect([...new Set(may)].sort()).toEqual(all.shape.queue === "sqs" ? wanted.sort() : []);
    if (all.shape.queue === "sqs") expect(may).toHaveLength(4 * Object.keys(JOBS).length);
  });

  // Seen red with: mayKeepAuditHeads for the web server, and for the operator's task; evidence/* for whoever gives forms.
  it("lets web server, job runner and operator keep files, the job runner alone put heads of audit chains, and nobody remove those", () => {
    const may = (bucket: RegExp) =>
      grants.flatMap(({ role, actions, resources }) =>
        resources.filter((each) => bucket.test(each)).flatMap(() => actions.map((action) => ({ role, action }))),
      );
    const rolesOf = (all: { role: string }[]) => [...new Set(all.map(({ role }) => role))].sort();
    const files = may(/BucketsFiles/);
    expect(rolesOf(files)).toEqual([roleOf(all, "web"), roleOf(all, "worker"), roleOf(all, "firm")].sort());
    const heads = may(/BucketsAuditHeads/);
    expect(rolesOf(heads)).toEqual([roleOf(all, "worker"), roleOf(all, "firm")].sort());
    expect(rolesOf(heads.filter(({ action }) => action === "s3:PutObject"))).toEqual([roleOf(all, "worker")]);
    // What a firm takes along: put by the task of an operator, and read by people alone.
    const taken = may(/BucketsEvidence\w*\/firm-exports\/\*$/);
    expect(rolesOf(taken)).toEqual([roleOf(all, "firm")]);
    expect(taken.map(({ action }) => action).sort()).toEqual(["s3:AbortMultipartUpload", "s3:PutObject"]);
    const kept = may(/BucketsEvidence\w*\/evidence\/\*$/);
    expect(rolesOf(kept)).toEqual([roleOf(all, "web"), roleOf(all, "worker"), roleOf(all, "firm")].sort());
    // A form is as good as the role that signed it: none reaches what was looked at.
    const incoming = may(/BucketsEvidence\w*\/incoming\/\*$/);
    const putters = (rights: ReturnType<typeof may>) =>
      rolesOf(rights.filter(({ action }) => action === "s3:PutObject"));
    expect([putters(incoming), putters(kept)]).toEqual([[roleOf(all, "web")], [roleOf(all, "worker")]]);
    // Certificates of people who were erased: put and read again by the task of an operator, removed by nobody.
    const erasures = may(/BucketsEvidence\w*\/erasures\/\*$/);
    expect(erasures.map(({ role, action }) => `${role} ${action}`).sort()).toEqual(
      ["s3:GetObject", "s3:PutObject"].map((action) => `${roleOf(all, "firm")} ${action}`),
    );
    const statements = may(/BucketsEvidence\w*\/restore-statements\/\*$/);
    expect(statements.map(({ role, action }) => `${role} ${action}`).sort()).toEqual(
      ["s3:GetObject", "s3:PutObject"].map((action) => `${roleOf(all, "firm")} ${action}`),
    );
    // Seen red without: s3:ListBucket in mayKeepErasures, which `person replay` begins with.
    const listed = grants
      .filter(
        ({ actions, resources }) =>
          actions.includes("s3:ListBucket") && resources.some((each) => each.includes("BucketsEvidence")),
      )
      .map(({ role, condition }) => `${role} ${JSON.stringify(condition)}`);
    const below = (...names: string[]) => JSON.stringify({ StringLike: { "s3:prefix": names } });
    expect([...new Set(listed)].sort()).toEqual(
      [
        ...(["web", "worker", "firm"] as const).map(
          (each) => `${roleOf(all, each)} ${below("evidence/*", "incoming/*")}`,
        ),
        `${roleOf(all, "firm")} ${below("erasures/*")}`,
      ].sort(),
    );
    const rest = may(/BucketsEvidence(?!\w*\/(firm-exports|evidence|incoming|erasures|restore-statements)\/\*$)/);
    expect([...new Set(rest.map(({ action }) => action))]).toEqual(["s3:ListBucket"]);
    expect([...new Set(heads.map(({ action }) => action))].sort()).toEqual([
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
    ]);
    const removable = grants
      .filter(({ actions }) => actions.includes("s3:DeleteObject"))
      .flatMap(({ resources }) => resources);
    expect(
      removable.filter(
        (each) => !/Buckets(Files\w+\/(exports|imports)|Evidence\w+\/(evidence|incoming))\/\*$/.test(each),
      ),
    ).toEqual([]);
  });

  it("lets the scraper alone put raw pages and read them, and nobody remove one", () => {
    const may = grants.flatMap(({ role, actions, resources }) =>
      resources.filter((each) => each.includes("BucketsRawPages")).map((each) => ({ role, actions, each })),
    );
    expect([...new Set(may.map(({ role }) => role))]).toEqual([roleOf(all, "scraper")]);
    const pages = may.filter(({ each }) => each.endsWith("/pages/*"));
    expect(pages.flatMap(({ actions }) => actions).sort()).toEqual(["s3:GetObject", "s3:PutObject"]);
    const rest = may.filter(({ each }) => !each.endsWith("/pages/*"));
    expect(rest.flatMap(({ actions }) => actions)).toEqual(["s3:ListBucket"]);
  });

  it("lets the job runner mail as one address, it and the web server text phones, and neither publish to a topic", () => {
    const rolesOf = (action: string) =>
      [...new Set(grants.filter(({ actions }) => actions.includes(action)).map(({ role }) => role))].sort();
    expect(rolesOf("ses:SendEmail")).toEqual([roleOf(all, "worker")]);
    expect(rolesOf("sns:Publish")).toEqual([roleOf(all, "web"), roleOf(all, "worker")].sort());
    const statements = resourcesOf(all, "AWS::IAM::Policy").flatMap(
      ({ properties }) =>
        (properties.PolicyDocument as { Statement: (Statement & { Condition?: unknown })[] }).Statement,
    );
    const mailing = statements.filter(({ Action }) => Action === "ses:SendEmail");
    expect(mailing.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { "ses:FromAddress": all.shape.mailFrom } },
    ]);
    const publishing = statements.filter(({ Action }) => Action === "sns:Publish");
    const denied = publishing.filter(({ Effect }) => Effect === "Deny");
    expect(denied).toHaveLength(publishing.length / 2);
    for (const { Resource } of denied) expect(JSON.stringify(Resource)).toContain(":sns:*:*:*");
  });

  it("lends roles to services of this account alone where the service acts for many", () => {
    for (const { name, properties } of resourcesOf(all, "AWS::IAM::Role")) {
      const document = JSON.stringify(properties.AssumeRolePolicyDocument);
      expect(document, name).not.toContain('"AWS":"*"');
      if (/amplify\.amazonaws|scheduler\.amazonaws/.test(document))
        expect(document, name).toContain('"aws:SourceAccount"');
    }
  });
});
