const MB = 1_000_000;

/**
 * What may be kept with a lead, one row for each kind of file: what people call it, the endings of its name, what an upload calls itself, what its bytes may turn out
 * to be (`found`; null for plain text, which has no mark of its own), and the greatest file. Nothing here is run or drawn by a browser: no HTML, no SVG, no macros.
 */
export const EVIDENCE_TYPES = {
  pdf: { name: "PDF", endings: ["pdf"], type: "application/pdf", found: ["application/pdf"], maxBytes: 25 * MB },
  jpeg: { name: "JPEG", endings: ["jpg", "jpeg"], type: "image/jpeg", found: ["image/jpeg"], maxBytes: 25 * MB },
  png: { name: "PNG", endings: ["png"], type: "image/png", found: ["image/png"], maxBytes: 25 * MB },
  webp: { name: "WebP", endings: ["webp"], type: "image/webp", found: ["image/webp"], maxBytes: 25 * MB },
  heic: {
    name: "HEIC",
    endings: ["heic", "heif"],
    type: "image/heic",
    found: ["image/heic", "image/heif"],
    maxBytes: 25 * MB,
  },
  docx: {
    name: "Word",
    endings: ["docx"],
    type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    found: ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    maxBytes: 25 * MB,
  },
  text: { name: "Text", endings: ["txt"], type: "text/plain", found: null, maxBytes: 5 * MB },
  mp3: { name: "MP3", endings: ["mp3"], type: "audio/mpeg", found: ["audio/mpeg"], maxBytes: 50 * MB },
  m4a: { name: "M4A", endings: ["m4a"], type: "audio/mp4", found: ["audio/x-m4a", "audio/mp4"], maxBytes: 50 * MB },
  wav: { name: "WAV", endings: ["wav"], type: "audio/wav", found: ["audio/wav"], maxBytes: 50 * MB },
  mp4: { name: "MP4", endings: ["mp4"], type: "video/mp4", found: ["video/mp4"], maxBytes: 50 * MB },
  mov: { name: "MOV", endings: ["mov"], type: "video/quicktime", found: ["video/quicktime"], maxBytes: 50 * MB },
} as const satisfies Record<
  string,
  { name: string; endings: readonly string[]; type: string; found: readonly string[] | null; maxBytes: number }
>;

/** A kind of file that may be kept with a lead. */
export type EvidenceType = keyof typeof EVIDENCE_TYPES;

/** The kinds, in the order in which they are named. */
export const EVIDENCE_TYPE_NAMES = Object.keys(EVIDENCE_TYPES) as [EvidenceType, ...EvidenceType[]];

/** The greatest file of any kind. */
export const EVIDENCE_MAX_BYTES = Math.max(...EVIDENCE_TYPE_NAMES.map((name) => EVIDENCE_TYPES[name].maxBytes));
/** Most files of a lead. */
export const EVIDENCE_FILES_PER_LEAD = 200;
/** Most bytes of all files of a firm. */
export const EVIDENCE_BYTES_PER_FIRM = 5_000 * MB;

/** The kind that a file's name says it is; null for one that is not kept here. */
export function evidenceTypeOf(filename: string): EvidenceType | null {
  const ending = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase();
  const isIt = (name: EvidenceType) => (EVIDENCE_TYPES[name].endings as readonly string[]).includes(ending ?? "");
  return EVIDENCE_TYPE_NAMES.find(isIt) ?? null;
}
