/** errno.js - the numbers of WASI preview1 that we answer ourselves */
export const ERRNO = Object.freeze({ SUCCESS: 0, AGAIN: 6, BADF: 8, FAULT: 21, INVAL: 28, NOTSUP: 58 });
