import { pathToFileURL } from "node:url";
import { App, type AppProps, Tags } from "aws-cdk-lib";
import flags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { BaseStack } from "./base-stack";
import { readShape, type Shape } from "./settings";

/** The CDK's present ways instead of those it keeps for older apps; no numbers to AWS about which constructs are used. */
const OPTIONS: AppProps = { context: flags, analyticsReporting: false, treeMetadata: false };

/** Every stack of a deployment. */
function addStacks(app: App, shape: Shape): void {
  Tags.of(app).add("app", "arrestra");
  Tags.of(app).add("size", shape.size);
  new BaseStack(app, "ArrestraBase", shape);
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
