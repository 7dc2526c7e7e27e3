/* Courts print in capitals. On screen that shouts and hides the words that matter, so text without one small letter is shown in the case people
   write; the printed form stays in the title of its place, in the API and in the export. */

const isShouted = (text: string): boolean => /\p{Lu}/u.test(text) && !/\p{Ll}/u.test(text);
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

const ROMAN = /^(?:II|III|IV|V|VI)$/;

/** A printed name as people write it: `O'SAMPLE-TESTA, JEAN MCMOCK JR` is O'Sample-Testa, Jean McMock Jr. */
export function readableName(printed: string): string {
  if (!isShouted(printed)) return printed;
  return printed.replace(/[\p{L}\p{M}\uFFFD]+/gu, (word) => {
    if (ROMAN.test(word)) return word;
    return /^MC\p{L}{2,}/u.test(word) ? `Mc${capital(word.slice(2))}` : capital(word);
  });
}

/** Short forms of Texas charge lists that are no words: they keep their capitals. */
const INITIALS = new Set(
  "DWI DUI CS PG BAC DL CDL ID TDCJ CPS MTR MTA TRO FTA UCW UUMV SJF YOA HOV FV ICE DPS TX US USA LSD THC MDMA DOC FS FC MA MB MC".split(
    " ",
  ),
);

/** A printed offense as a sentence: `POSS CS PG 1 <1G` is Poss CS PG 1 <1G. Short forms, classes and figures stay as printed. */
export function readableOffense(printed: string): string {
  if (!isShouted(printed)) return printed;
  const words = printed.replace(/[\p{L}\p{M}][\p{L}\p{M}']*/gu, (word, at: number) => {
    const touchesFigure = /[\d<>=]/.test(printed.charAt(at - 1)) || /\d/.test(printed.charAt(at + word.length));
    return INITIALS.has(word) || (touchesFigure && word.length === 1) ? word : word.toLowerCase();
  });
  return words.charAt(0).toUpperCase() + words.slice(1);
}
