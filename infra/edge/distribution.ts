import { Duration, Stack, Validations } from "aws-cdk-lib";
import {
  AllowedMethods,
  CachePolicy,
  Distribution as CloudFront,
  HeadersFrameOption,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
  VpcOriginEndpoint,
  VpcOrigin as VpcOriginResource,
} from "aws-cdk-lib/aws-cloudfront";
import { OriginGroup, S3BucketOrigin, VpcOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Balancer, ORIGIN_HEADER } from "../run/balancer";
import type { EcsShape } from "../settings";
import type { EdgeStack } from "./edge-stack";

export type DistributionProps = { shape: EcsShape; base: BaseStack; balancer: Balancer; edge: EdgeStack };

/**
 * CloudFront before the web server. It keeps nothing but files whose names are their contents: a page belongs to one person of one firm, and the
 * name of the firm is in the Host, which is handed on as it came.
 */
export class Distribution extends Construct {
  readonly distribution: CloudFront;

  constructor(scope: Construct, id: string, { shape, base, balancer, edge }: DistributionProps) {
    super(scope, id);
    if (!edge.certificate) throw new Error("CloudFront needs the certificate of the edge.");
    const inside = new VpcOriginResource(this, "Inside", {
      endpoint: VpcOriginEndpoint.applicationLoadBalancer(balancer.loadBalancer),
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    });
    const customHeaders = { [ORIGIN_HEADER]: balancer.originProof.secretValue.unsafeUnwrap() };
    const web = VpcOrigin.withVpcOrigin(inside, {
      originId: "web",
      domainName: balancer.loadBalancer.loadBalancerDnsName,
      customHeaders,
      readTimeout: Duration.seconds(60),
      // Shorter than the load balancer's.
      keepaliveTimeout: Duration.seconds(30),
    });
    this.distribution = new CloudFront(this, "Resource", {
      comment: "Arrestra",
      domainNames: [shape.domain, `*.${shape.domain}`],
      certificate: edge.certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      webAclId: edge.firewall.acl.attrArn,
      defaultBehavior: {
        origin: web,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
      },
      additionalBehaviors: { "/_next/static/*": this.#staticFiles(shape, base, inside, customHeaders) },
    });
  }

  /**
   * From the bucket, where each release puts its files before it serves and where those of older ones stay: a page of the old build finds its scripts while the
   * new one rolls out, and after it was rolled back. What is not there is asked of the web server, under the apex: the Host of the visitor cannot be
   * handed on here, since the bucket would take it for its own name.
   */
  #staticFiles(shape: EcsShape, base: BaseStack, inside: VpcOriginResource, customHeaders: Record<string, string>) {
    const { assets } = base.buckets;
    // The policy goes to the stack of the bucket; naming this one distribution there would make each stack wait for the other.
    assets.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudfront.amazonaws.com")],
        actions: ["s3:GetObject"],
        resources: [assets.arnForObjects("_next/static/*")],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    const bucket = Bucket.fromBucketAttributes(this, "Assets", {
      bucketName: assets.bucketName,
      region: shape.region,
    });
    Validations.of(this).acknowledge({
      id: "AwsSolutions-CFR1",
      reason: "Members of a firm travel, and vendors call from wherever they are: a country is no proof of who asks.",
    });
    Validations.of(this).acknowledge({
      id: "Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac",
      reason: "The statement above is that policy.",
    });
    return {
      origin: new OriginGroup({
        primaryOrigin: S3BucketOrigin.withOriginAccessControl(bucket, {
          originId: "assets",
          originAccessControl: new S3OriginAccessControl(this, "AssetsAccess"),
        }),
        fallbackOrigin: VpcOrigin.withVpcOrigin(inside, {
          originId: "web-static",
          domainName: shape.domain,
          customHeaders,
        }),
        fallbackStatusCodes: [403, 404],
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      // The bucket has no headers of ours; where the web server answered, its own stay.
      responseHeadersPolicy: new ResponseHeadersPolicy(this, "StaticHeaders", {
        securityHeadersBehavior: {
          strictTransportSecurity: {
            accessControlMaxAge: Duration.seconds(63_072_000),
            includeSubdomains: true,
            override: false,
          },
          contentTypeOptions: { override: true },
          frameOptions: { frameOption: HeadersFrameOption.DENY, override: false },
          contentSecurityPolicy: {
            contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            override: false,
          },
        },
        customHeadersBehavior: {
          customHeaders: [{ header: "Cross-Origin-Resource-Policy", value: "same-origin", override: false }],
        },
      }),
    };
  }
}
