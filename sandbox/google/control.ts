import type { ControlActions } from "../control/actions";
import type { GoogleWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/google/`. */
export const googleActions = (_world: GoogleWorld): ControlActions => ({});
