/**
 * errors.js - what the caller got wrong
 *
 * One sentence that says what is wrong and what to do. The command prints it and ends with status 2.
 */
export class UsageError extends Error {
    get name() {
        return 'UsageError';
    }
}

/** The errno of a system call in words. */
export function reason(error) {
    const words = {
        ENOENT: 'no such file or folder', EACCES: 'permission denied', EISDIR: 'it is a folder', ENOTDIR: 'not a folder',
        ECONNREFUSED: 'nobody listens there', EROFS: 'read-only file system', ENOTFOUND: 'no such host', EPERM: 'not permitted',
        ENOTSOCK: 'not a socket', ETIMEDOUT: 'no answer', ENOSPC: 'no space left',
        ECONNRESET: 'the other side has reset it', EPIPE: 'the other side is gone',
    };
    return words[error.code] ?? error.message;
}
