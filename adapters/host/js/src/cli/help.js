/** help.js - what `isthmus --help` prints */
export const HELP = `isthmus - a network for WebAssembly modules, through one import

  isthmus run [options] MODULE [args...] [-- [options] MODULE [args...]]...
  isthmus compose [options] MODULE -o OUTPUT
                              gives a compiled module of WASI preview1, or a component of WASI 0.2, the network
  isthmus imports MODULE      list what a module imports
  isthmus --version
  isthmus run --help          the options and links; isthmus compose --help
`;

export const COMPOSE_HELP = `isthmus compose [options] MODULE -o OUTPUT

Merges a compiled module of WASI preview1 that calls sockets (sock_...) with the stack: its only network import is then
isthmus.exchange, and isthmus run runs it. A component that imports wasi:sockets 0.2 is joined with a component that
serves it from isthmus:link/link.

  -o, --output FILE
  -q, --quiet       do not say what was served and what is left to the host

Components:
  --profile full|sealed  full (the default): files and standard streams are the host's. sealed: none; what is printed leaves
                    as notes of the link
  --draft-tls       serve wasi:tls too, as the draft 0.2.0-draft; whom to trust is in the grant of the link (docs/tls.md)

Core modules:
  --dialect NAME    whose calls on sockets it makes: auto, p1 (WASI preview1's own: accept, send, recv, shutdown), wasmedge,
                    wasmedge2, wamr
  --listen [ADDR:]PORT  a socket that listens before the module runs, for servers that can only accept; up to 8. Its
                    descriptor is 3; in a module that opens files, the first one behind the folders that the host gives
                    (isthmus run gives one with the certificate authorities: --ca none)
  --multi-memory    leave two memories, for hosts that know them; without it they are lowered to one
  --no-simd         the stack without SIMD
`;

export const RUN_HELP = `isthmus run [options] MODULE [args...] [-- [options] MODULE [args...]]...

Runs modules of WASI preview1, and components that isthmus compose has made (by jco: make setup-extra), each in a sandbox
of its own, and gives them networks. "--" begins the next module; to
pass an argument "--" write "---" (of three dashes and more one is taken away).

For one module, before its name:
  --link URL        a network; may be given several times, link 0 is the first
  --fault SPEC      what goes wrong on the link before it (before the first: on all), both ways, by a seed: of
                    seed=7,loss=1%,delay=20ms,reorder=5,duplicate=0.1%,corrupt=0.1%,rate=100mbit
  --name NAME       its name on the network (default: the file's name without .wasm)
  --grant KEY=VALUE a line of what its links are granted: address=, gateway=, dns=, search=, hostname=, "host=1.2.3.4 name"...
  --mtu N           MTU of its links that do not state one
  --dir HOST[::GUEST]  a folder that it may use
  --env KEY[=VALUE] a variable of its environment (KEY alone: as it is here)
  --signer NAME=KEY.PEM  signs for it with this private key, which it never sees; tls_config_set_signer() names it
  --background      stopped when all others have ended

For the whole run, before any module's name:
  --pcap FILE       capture all links; opens in Wireshark
  --keylog          with the TLS secrets of the modules in it, so that Wireshark shows what they say: grants keylog=yes
  --stats           frames, bytes, drops and faults of each link, at the end, on standard error
  --ca FILE|none    certificate authorities behind /etc/ssl/cert.pem and for wasi:tls (default: SSL_CERT_FILE, or the system's)

Links:
  switch:NAME[?mtu=N&address=IP/LEN]   a virtual LAN between the modules of this run; gives addresses and knows all names
                    (address=none: none; gateway=, dns=, search=, hostname=, mac= as in --grant)
  passt[:KEY=VALUE,...]   the world outside, without root: address, netmask, gateway, dns, search, mtu, interface, outbound,
                    tcp=PORTS and udp=PORTS to forward (passt's own syntax: tcp=8080:80). The module has this machine's own
                    address, if none is given; this machine is reached at the gateway's
  unix:PATH[?mtu=N&KEY=VALUE]      QEMU's stream framing over a Unix socket: gvproxy, QEMU, passt
  tcp:HOST:PORT[?mtu=N&KEY=VALUE]  the same over TCP

Standard input goes to the first module without --background; the others see its end. The run ends when all modules
without --background have ended. Its status is the first, in order, that is not 0; of those stopped in the background none
counts. 2: wrong usage; 134: a module trapped; 128+N: signal N.
`;
