/** Shorter is refused, whatever it is made of. Counted in characters as people see them, not in bytes. */
export const PASSWORD_MIN_CHARACTERS = 12;
/** Longer input is refused before it is hashed: it is nobody's password. */
export const PASSWORD_MAX_BYTES = 1024;
