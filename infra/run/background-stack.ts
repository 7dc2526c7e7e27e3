import { type App, CfnOutput, Stack } from "aws-cdk-lib";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { Background } from "./background";
import type { ReleaseStack } from "./release-stack";
import { Scraper } from "./scraper";

/** What works without being asked by a browser, the same in both shapes: job runner, scheduler, scrapers. */
export class BackgroundStack extends Stack {
  readonly background: Background;
  readonly scraper: Scraper;

  constructor(scope: App, id: string, props: { shape: Shape; base: BaseStack; release: ReleaseStack }) {
    const { account, region } = props.shape;
    super(scope, id, {
      env: { account, region },
      description: "Arrestra: job runner, scheduler, scrapers",
      terminationProtection: sizeOf(props.shape).deletionProtection,
    });
    this.background = new Background(this, "Background", props);
    this.scraper = new Scraper(this, "Scraper", props);
    // What a person calls who stops a court, or lets it go on: the runbooks look for this name.
    new CfnOutput(this, "ScraperFunction", { value: this.scraper.handler.functionName });
  }
}
