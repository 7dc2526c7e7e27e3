const MB = 1_000_000;

/** Bytes as the limits name them: `25 MB`. */
export const megabytes = (bytes: number): string => `${bytes / MB} MB`;
