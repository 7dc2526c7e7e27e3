import { type Resource, resourcesOf, type Synthesised } from "./synth";

/** The first resource of a type, which has to be there. */
export function firstOf(all: Synthesised, type: string): Resource {
  const [first] = resourcesOf(all, type);
  if (!first) throw new Error(`web=${all.shape.web}, size=${all.shape.size} has no ${type}`);
  return first;
}
