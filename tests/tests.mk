# The tests: units (native, sanitizers), the link checks, API programs on Node, interop with real peers.
