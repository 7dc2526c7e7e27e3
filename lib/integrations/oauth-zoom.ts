import { env } from "@/lib/platform/env";

type Settings = Readonly<Record<string, string>>;

/** The origin of an address that is Zoom's own: a token goes to no other. */
function zoomOrigin(address: string | undefined): string | null {
  const url = address === undefined ? null : URL.parse(address);
  const isZoom = url?.protocol === "https:" && url.port === "" && /(^|\.)zoom\.us$/.test(url.hostname);
  return isZoom ? url.origin : null;
}

/** Where the API of an account is: Zoom names another base for some. */
export function zoomApi({ apiUrl }: Settings): string {
  const named = zoomOrigin(apiUrl);
  return named ? `${named}/v2` : env().ZOOM_API_URL.replace(/\/$/, "");
}

/** The settings with the API host that a token came with, when it is Zoom's. Under another base than Zoom's own (the sandbox) nobody is sent to Zoom. */
export function zoomTokenSettings(settings: Settings, apiUrl: unknown): Settings {
  const named = typeof apiUrl === "string" && zoomOrigin(env().ZOOM_API_URL) ? zoomOrigin(apiUrl) : null;
  return named ? { ...settings, apiUrl: named } : settings;
}
