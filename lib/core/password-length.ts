/** Shorter is refused, whatever it is made of. Counted in code points, as NIST SP 800-63B asks: an é or an emoji is one. */
export const PASSWORD_MIN_CHARACTERS = 12;
/** Longer input is refused before it is hashed: it is nobody's password. */
export const PASSWORD_MAX_BYTES = 1024;
