import { chance, pick } from "./chance";

/** Surnames that no one could take for a real person's. */
const SURNAMES = [
  "Fictus",
  "Ejemplo Prueba",
  "Samplewood",
  "Inventado",
  "Testerly",
  "Speculo",
  "Nomina",
  "Placehold",
  "Hypotha-Lorem",
  "Pretend",
  "Specimen",
  "Imaginero",
  "Notreal",
  "Sandboxter",
  "Mockridge",
  "Fixturo",
  "Dolorsit",
  "Anyperson",
  "Ipsum",
  "Nulle",
  "Exampleton",
  "Demoville",
  "Standin",
  "Lorimock",
  "Sampler",
  "Figmentson",
  "Makebelief",
  "De la Prueba",
  "Quasimodel",
  "Fabulane",
  "Dummett-Testa",
  "Ficción",
  "Unreal",
  "O'Sample",
  "Van Der Mock",
  "Protoname",
  "Blankenform",
  "Supposito",
  "Conjectura",
  "Apocryph",
  "Loremsen",
  "Phantomas Tester",
  "Seudónimo",
] as const;

const GIVEN_NAMES = [
  "Rowan",
  "Mateo",
  "Jordan",
  "Marisol",
  "Casey",
  "Harriet",
  "André",
  "Quinn",
  "Priya",
  "Theodore",
  "Dara",
  "Luis Ángel",
  "Sam",
  "Riley",
  "Alexandria",
  "Ngozi",
  "Emmett",
  "Lena",
  "Hye-jin",
  "Óscar",
  "Gwen",
  "Tariq",
  "Blythe",
  "Peder",
  "Ines",
  "Avery",
  "Tomás",
  "Wren",
  "Delphine",
  "Kofi",
  "Marguerite",
  "Anselm",
  "Yara",
  "Bartholomew",
  "Soledad",
  "Niall",
  "Xiomara",
] as const;

const MIDDLE_NAMES = [
  "Ellis",
  "Avery",
  "Lee",
  "Marcus",
  "Wren",
  "James",
  "Anthony",
  "June",
  "Ray",
  "Noor",
  "Belle",
] as const;
const SUFFIXES = ["JR", "III", "SR"] as const;

/**
 * The invented person of a place in line, in capitals as the forms print them. Surnames and given names turn at
 * different speeds, so that no two neighbours among 1,591 share both.
 */
export function personName(place: number, seed: number): string {
  const next = chance(seed);
  const surname = SURNAMES[(place * 7) % SURNAMES.length] ?? "Fictus";
  const given = GIVEN_NAMES[(place * 11) % GIVEN_NAMES.length] ?? "Rowan";
  const middle = next() < 0.55 ? ` ${pick(MIDDLE_NAMES, next)}` : "";
  const suffix = next() < 0.08 ? ` ${pick(SUFFIXES, next)}` : "";
  return `${surname}, ${given}${middle}${suffix}`.toUpperCase();
}

/** Magistrates and agencies, invented as well. */
export const MAGISTRATES: Record<string, readonly string[]> = {
  Travis: ["Hon. Prudence Gavelmock", "Hon. Lorenzo Benchley-Sample", "Hon. Imogen Docketson"],
  Hays: ["Hon. Bartleby Ficticio", "Hon. Constance Hypotha"],
  Williamson: ["Hon. Augusta Specimen", "Hon. Tobias Placeholder"],
};

export const AGENCIES: Record<string, readonly string[]> = {
  Travis: ["Sample City Police Department", "Travis County Example Office", "University Specimen Police"],
  Hays: ["San Ejemplo Police Department", "Hays County Example Office"],
  Williamson: ["Round Mock Police Department", "Williamson County Example Office"],
};
