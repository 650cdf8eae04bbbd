# The faces: libisthmus-posix.a (POSIX sockets below wasi-libc) and libtls.a (libtls), and the wrapper isthmus-cc.
