# The demos: each a folder with one C file or more, made by isthmus-cc.
