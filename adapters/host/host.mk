# The hosts: adapters/host/js (Node) and adapters/host/c (C).
