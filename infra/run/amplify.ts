import { readFileSync } from "node:fs";
import { SecretValue, Stack } from "aws-cdk-lib";
import { CfnApp, CfnBranch, CfnDomain } from "aws-cdk-lib/aws-amplify";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { stringify } from "yaml";
import type { BaseStack } from "../base-stack";
import { type AmplifyShape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { amplifyEnvironment } from "./environment";
import { mayText } from "./message-permissions";
import { mayKeepEvidence, mayUseFiles } from "./permissions";

/** What every reply of the server has and Amplify's edge, which sends these files without asking it, would leave out. The first as next.config.js says it. */
const EDGE_HEADERS = [
  { key: "Strict-Transport-Security", value: "max-age=63072000; includeSubDomains" },
  { key: "X-Content-Type-Options", value: "nosniff" },
];

/** Web and API at Amplify: it builds the branch, packs what amplify.yml says, and serves it under the domain and every name below it. */
export class Amplify extends Construct {
  readonly app: CfnApp;
  readonly branch: CfnBranch;
  /** What the running server may do. */
  readonly computeRole: Role;

  constructor(scope: Construct, id: string, { shape, base }: { shape: AmplifyShape; base: BaseStack }) {
    super(scope, id);
    const { account } = Stack.of(this);
    // Amplify of this account alone: its service acts for many, and must not lend this role to another's app.
    const trusted = new ServicePrincipal("amplify.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    });
    this.computeRole = new Role(this, "ComputeRole", {
      assumedBy: trusted,
      description: "Arrestra: what the web server at Amplify may do",
    });
    base.secrets.grantWeb(this.computeRole);
    mayUseFiles(this.computeRole, base.buckets.files, base.keys.data);
    // The code that confirms a phone.
    mayText(this.computeRole, shape);
    mayKeepEvidence(this.computeRole, base.buckets.evidence, base.keys.data, "send");
    const service = new Role(this, "ServiceRole", { assumedBy: trusted, description: "Arrestra: Amplify writes logs" });

    this.app = new CfnApp(this, "App", {
      name: "arrestra",
      platform: "WEB_COMPUTE",
      repository: shape.repository,
      ...(shape.repositoryTokenSecretArn
        ? { accessToken: SecretValue.secretsManager(shape.repositoryTokenSecretArn).unsafeUnwrap() }
        : {}),
      buildSpec: readFileSync(new URL("../../amplify.yml", import.meta.url), "utf8"),
      computeRoleArn: this.computeRole.roleArn,
      iamServiceRole: service.roleArn,
      enableBranchAutoDeletion: false,
      // What is at Amplify's own address is no firm's, and every page says for itself that nobody else keeps it.
      cacheConfig: { type: "AMPLIFY_MANAGED" },
      customHeaders: stringify({ customHeaders: [{ pattern: "/_next/static/*", headers: EDGE_HEADERS }] }),
      environmentVariables: Object.entries(amplifyEnvironment(shape, base)).map(([name, value]) => ({ name, value })),
    });
    // Amplify writes there what the server says, and would keep it for ever, sealed with no key of ours, had it to make the group itself.
    const name = `/aws/amplify/${this.app.attrAppId}`;
    const logs = logGroupOf(this, "Logs", { name, key: base.keys.logs, days: sizeOf(shape).logDays });
    service.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources: [logs.logGroupArn],
      }),
    );
    this.branch = new CfnBranch(this, "Branch", {
      appId: this.app.attrAppId,
      branchName: shape.branch,
      stage: "PRODUCTION",
      framework: "Next.js - SSR",
      computeRoleArn: this.computeRole.roleArn,
      // A release is migrated before it is served: the workflow starts the build when the migrations have ended well.
      enableAutoBuild: false,
      // A preview of somebody's pull request would run with this role.
      enablePullRequestPreview: false,
      enablePerformanceMode: false,
      enableSkewProtection: true,
    });
    new CfnDomain(this, "Domain", {
      appId: this.app.attrAppId,
      domainName: shape.domain,
      enableAutoSubDomain: false,
      certificateSettings: { certificateType: "AMPLIFY_MANAGED" },
      subDomainSettings: [
        { prefix: "", branchName: this.branch.branchName },
        { prefix: "*", branchName: this.branch.branchName },
      ],
    }).addResourceDependency(this.branch);
  }
}
