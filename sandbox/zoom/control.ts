import type { ControlActions } from "../control/actions";
import type { ZoomWorld } from "./world";

/** What can be turned at this stand-in, as `METHOD path` below `/control/zoom/`. */
export const zoomActions = (_world: ZoomWorld): ControlActions => ({});
