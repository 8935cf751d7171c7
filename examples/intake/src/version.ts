/** Shown by /version. Two tags of this app differ by this line at least. */
export const version = '1.0.0';
