/**
 * Runs once before the server takes its first request. A server that is set up wrong must not come up half-way: it says what is wrong and ends.
 * From then on every request passes the guard before Next sees it, and SIGTERM is a leave. Secrets come first: all that follows reads the settings.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  try {
    const { loadSecrets } = await import("./lib/platform/secrets");
    await loadSecrets();
    const { assertReadyToServe } = await import("./lib/http/assert-ready");
    await assertReadyToServe();
    const { guardRequests } = await import("./lib/http/request-guard");
    guardRequests();
    const { startTracesIfWanted } = await import("./lib/platform/traced");
    await startTracesIfWanted("web");
    const { startCounting } = await import("./lib/platform/metrics");
    startCounting();
    // Next's development server has a parent that ends it.
    if (process.env.NODE_ENV !== "production") return;
    const { drainBeforeEnding } = await import("./lib/http/drain");
    drainBeforeEnding();
  } catch (error) {
    console.error(`Arrestra cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
