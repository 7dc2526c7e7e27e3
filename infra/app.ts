import "./cache-home";
import { pathToFileURL } from "node:url";
import { App, type AppProps, Tags } from "aws-cdk-lib";
import flags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { BaseStack } from "./base-stack";
import { AccessLog } from "./edge/access-log";
import { EdgeStack } from "./edge/edge-stack";
import { BackgroundStack } from "./run/background-stack";
import { ReleaseStack } from "./run/release-stack";
import { AmplifyWebStack, ContainerWebStack } from "./run/web-stacks";
import { readShape, type Shape } from "./settings";
import { WatchStack } from "./watch/watch-stack";

/**
 * The CDK's present ways instead of those it keeps for older apps; a template that breaks a rule of CloudFormation fails here and not at the account;
 * no numbers to AWS about which constructs are used.
 */
const OPTIONS: AppProps = {
  context: { ...flags, "@aws-cdk/core:strictCfnValidateErrors": true },
  analyticsReporting: false,
  treeMetadata: false,
};

/** Every stack of a deployment. */
function addStacks(app: App, shape: Shape): void {
  Tags.of(app).add("app", "arrestra");
  Tags.of(app).add("size", shape.size);
  const base = new BaseStack(app, "ArrestraBase", shape);
  const release = new ReleaseStack(app, "ArrestraRelease", { shape, base });
  const background = new BackgroundStack(app, "ArrestraBackground", { shape, base, release });
  const web = addWeb(app, shape, base, release);
  new WatchStack(app, "ArrestraWatch", { shape, base, background, web });
}

/** The web server with its firewall. CloudFront is told which firewall stands before it; a firewall is told which app of Amplify it stands before. */
function addWeb(app: App, shape: Shape, base: BaseStack, release: ReleaseStack): ContainerWebStack | AmplifyWebStack {
  if (shape.web === "ecs") {
    const edge = new EdgeStack(app, "ArrestraEdge", { shape, base });
    const web = new ContainerWebStack(app, "ArrestraWeb", { shape, base, release, edge });
    const { distribution } = web.distribution;
    new AccessLog(edge.beside(web), "AccessLog", { distribution, logs: edge.logs });
    return web;
  }
  const web = new AmplifyWebStack(app, "ArrestraWeb", { shape, base });
  new EdgeStack(app, "ArrestraEdge", { shape, base, amplifyAppArn: web.amplify.app.attrArn });
  return web;
}

/** The deployment of these settings, to be synthesised. `outdir`: where the templates go, else a new temporary folder. */
export function buildApp(shape: Shape, outdir?: string): App {
  const app = new App({ ...OPTIONS, ...(outdir ? { outdir } : {}) });
  addStacks(app, shape);
  return app;
}

// Run by the CDK's command line, which hands over context and folder in the environment and reads the folder when this ends.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const app = new App(OPTIONS);
  addStacks(app, readShape(app.node.getAllContext()));
  app.synth();
}
