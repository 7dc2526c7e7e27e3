import { type App, CfnOutput, Stack } from "aws-cdk-lib";
import { HostedZone } from "aws-cdk-lib/aws-route53";
import type { BaseStack } from "../base-stack";
import { Distribution } from "../edge/distribution";
import type { EdgeStack } from "../edge/edge-stack";
import { Names } from "../edge/names";
import { type AmplifyShape, type EcsShape, sizeOf } from "../settings";
import { alarmsTo } from "../watch/alarm";
import { certificateAlarm } from "../watch/edge-alarms";
import { Amplify } from "./amplify";
import { Balancer } from "./balancer";
import type { ReleaseStack } from "./release-stack";
import { Web } from "./web";

/** The web server in containers: CloudFront with its firewall, a load balancer without a public address, tasks in private subnets. */
export class ContainerWebStack extends Stack {
  readonly balancer: Balancer;
  readonly web: Web;
  readonly distribution: Distribution;

  constructor(
    scope: App,
    id: string,
    { shape, base, release, edge }: { shape: EcsShape; base: BaseStack; release: ReleaseStack; edge: EdgeStack },
  ) {
    const { account, region } = shape;
    super(scope, id, {
      env: { account, region },
      description: "Arrestra: web server in containers",
      terminationProtection: sizeOf(shape).deletionProtection,
      crossRegionReferences: region !== edge.region,
    });
    const zone = HostedZone.fromHostedZoneAttributes(this, "Zone", {
      hostedZoneId: shape.hostedZoneId,
      zoneName: shape.domain,
    });
    this.balancer = new Balancer(this, "Balancer", { shape, base, zone });
    this.web = new Web(this, "Web", { shape, base, release, balancer: this.balancer });
    this.distribution = new Distribution(this, "Distribution", { shape, base, balancer: this.balancer, edge });
    certificateAlarm(alarmsTo(this, base.topics.alerts), "CertificateExpiring", this.balancer.certificate);
    new Names(this, "Names", { shape, zone, distribution: this.distribution.distribution });
    new CfnOutput(this, "AssetsBucket", { value: base.buckets.assets.bucketName });
    new CfnOutput(this, "WebService", { value: this.web.service.serviceName });
  }
}

/** The web server at Amplify. */
export class AmplifyWebStack extends Stack {
  readonly amplify: Amplify;

  constructor(scope: App, id: string, props: { shape: AmplifyShape; base: BaseStack }) {
    const { account, region } = props.shape;
    super(scope, id, {
      env: { account, region },
      description: "Arrestra: web server at Amplify",
      terminationProtection: sizeOf(props.shape).deletionProtection,
      crossRegionReferences: region !== "us-east-1",
    });
    this.amplify = new Amplify(this, "Amplify", props);
    new CfnOutput(this, "AmplifyApp", { value: this.amplify.app.attrAppId });
  }
}
