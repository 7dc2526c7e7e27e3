import type { ControlActions } from "../control/actions";
import type { AcuityWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/acuity/`. */
export const acuityActions = (_world: AcuityWorld): ControlActions => ({});
