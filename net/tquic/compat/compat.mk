# SPDX-License-Identifier: GPL-2.0
#
# The source is written for the newest kernel.  What an older one lacks is
# supplied by overlay headers in compat/include/, which stand before the
# kernel's own and #include_next them.  They learn what is missing from
# tquic_config.h, which is put together from compile probes.
#
# A probe is one file, compat/probe/NAME.c, that holds the new form of an
# interface and, under TQUIC_PROBE_OLD, the old one.  It is compiled with the
# flags of the target kernel, nothing else being needed: if the new form
# compiles, TQUIC_HAVE_NAME is defined; otherwise the old one must compile, or
# the build stops.  So a probe cannot fail for another reason unnoticed.
# control-new and control-old prove that the compiler can be asked at all.
#
# Results are kept until a flag, the probe or the target's configuration
# changes.  A build as part of the kernel itself needs none of this: there the
# new form is what there is.

ifneq ($(KBUILD_EXTMOD),)

# Who includes this from another directory says where it is, and what its
# objects are; it gets results of its own.
tquic-compat ?= $(src)/compat
tquic-compat-objs ?= $(tquic-y)

tquic-compat-include := -I$(tquic-compat)/include -I$(obj)/compat
NOSTDINC_FLAGS += $(tquic-compat-include)

# Last: in a kernel tree they stand with all the others, and there the kernel's
# own headers of the same names come first.
NOSTDINC_FLAGS += -idirafter $(tquic-compat)/../../../include/uapi

tquic-probes := $(patsubst $(tquic-compat)/%.c,compat/%.result, \
			   $(wildcard $(tquic-compat)/probe/*.c))

quiet_cmd_tquic_probe = PROBE   $@
      cmd_tquic_probe = $(CONFIG_SHELL) $(tquic-compat)/probe.sh $< $@ $(CC) \
	$(filter-out $(tquic-compat-include) -Wp$(comma)-MMD$(comma)%,$(c_flags))

$(obj)/compat/probe/%.result: $(tquic-compat)/probe/%.c \
			      $(tquic-compat)/probe.sh \
			      $(objtree)/include/generated/autoconf.h FORCE
	$(call if_changed,tquic_probe)

filechk_tquic_config = cat $(real-prereqs)

$(obj)/compat/tquic_config.h: $(addprefix $(obj)/,$(sort $(tquic-probes))) FORCE
	$(call filechk,tquic_config)

$(addprefix $(obj)/,$(tquic-compat-objs)): $(obj)/compat/tquic_config.h

targets += $(tquic-probes)
clean-files += compat/tquic_config.h $(tquic-probes)

endif
