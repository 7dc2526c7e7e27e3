import type { ControlActions } from "../control/actions";
import type { ZohoWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/zoho/`. */
export const zohoActions = (_world: ZohoWorld): ControlActions => ({});
