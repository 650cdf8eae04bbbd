# The demos: each a folder with a README and one C file or more, ordinary POSIX and libtls programs made by isthmus-cc.
DEMO_SRC := $(sort $(wildcard demos/*/*.c))
DEMOS := $(patsubst %.c,$(B)/%.wasm,$(DEMO_SRC))
ALL += $(DEMOS)
GUEST_LIBS := $(addprefix $(B)/wasm/,libisthmus.a libisthmus-posix.a libtls.a)

$(B)/demos/%.wasm: demos/%.c $(B)/bin/isthmus-cc $(GUEST_LIBS)
	@mkdir -p $(@D); echo "  DEMO $@"
	$(Q)$(B)/bin/isthmus-cc -O2 -Wall -Wextra -Wshadow -Wconversion $(if $(CI),-Werror) $< -o $@
