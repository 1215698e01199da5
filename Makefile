# SPDX-License-Identifier: GPL-2.0
#
# For people: every target calls a script or a kbuild directory that can be
# used without it.  The kernel's side is net/tquic/Makefile.

VERSION := 0.1.0
KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS ?= 6.12 7.3
FUZZ_SECONDS ?= 20
COVERAGE ?= 0
N ?= 200

.PHONY: help demo modules nft-ext unit native mutants traps fuzz sim interop \
	vm vm-debug vm-soak check layers style sparse gen bench bench-cost \
	bench-datapath bench-tunnel lab-vs-sim install dkms clean

help: ## list the targets
	@echo 'TQUIC $(VERSION): multipath QUIC in the Linux kernel'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / \
		{ printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a LAN over three uplinks, one is cut; WANS='rate=..,delay=..;..', LOCAL=1
	@selftests/demo/demo --wans '$(WANS)' $(if $(filter 1,$(LOCAL)),--local)

modules: ## build the modules for this host, or KERNEL=6.12|7.3|bpo12|uml|debug
ifneq ($(KERNEL),)
	selftests/vm/build $(KERNEL)
else
	@test -d $(KDIR) || { \
		echo "no kernel headers in $(KDIR): install the package" \
		     "linux-headers-$$(uname -r), or build for a kernel of the" \
		     "test bench with 'make modules KERNEL=6.12'" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR)/net/tquic modules
	$(MAKE) -C $(KDIR) M=$(CURDIR)/net/netfilter/tquic_nf modules
endif

unit: ## unit tests under ASan and UBSan, 64 and 32 bit; COVERAGE=1 reports
	$(MAKE) -C selftests/unit run COVERAGE=$(COVERAGE)

native: ## the core over UDP, with itself, ngtcp2 and aioquic
	$(MAKE) -C selftests/native run

mutants: ## N=200 random faults in the core; prints the share that tests catch
	selftests/unit/mutants -n $(N)

traps: ## known traps of multipath: each remedy taken away, its test has to fail
	selftests/unit/traps

fuzz: ## every fuzz target for FUZZ_SECONDS=20
	$(MAKE) -C selftests/fuzz run FUZZ_SECONDS=$(FUZZ_SECONDS)

sim: ## bonding against its bars in the simulator; QUICK=1 is the short form
	selftests/sim/set --selftest $(if $(filter 1,$(QUICK)),--quick)

nft-ext: ## nft-tquic, for the libnftables of this host
	$(MAKE) -C nft-ext VERSION=$(VERSION)

interop: ## the kernel's sockets against other QUIC; PAGE=1 writes the table
	$(MAKE) -C selftests/interop $(if $(filter 1,$(PAGE)),page,run)

vm: ## tests on stock Debian kernels, KERNELS="6.12 7.3"
	selftests/vm/suite $(KERNELS)

vm-debug: ## the same under KASAN, lockdep, kmemleak (builds two kernels once)
	selftests/vm/suite debug debug-smp

vm-soak: ## hostile packets and comings and goings at length, KERNEL=6.12
	$(MAKE) -s -C tools
	$(MAKE) -s -C selftests/netns
	selftests/vm/run --kernel $(or $(KERNEL),6.12) --timeout 7200 -- \
		env SOAK=1 selftests/vm/lib/run-tests hostile churn

check: ## everything that has to pass before a commit; installs what it needs
	selftests/check

layers: ## the direction of every #include
	selftests/layers

style: ## checkpatch --strict, kernel-doc, shellcheck, SPDX lines
	selftests/style

sparse: ## sparse over the modules
	selftests/vm/build 6.12 --sparse

gen: ## netlink policies and UAPI header from Documentation/netlink/specs/
	selftests/generated

bench: ## sockets against WireGuard, TCP, kTLS, ngtcp2; BENCH_QUICK=1 is short
	selftests/bench/engine

lab-vs-sim: ## five scenarios in the simulator and in the laboratory agree
	selftests/bench/lab-vs-sim

bench-cost: ## what a packet costs the core with 1000 to 2.5 million outstanding
	selftests/bench/cost

bench-datapath: ## the data path against WireGuard and TCP, KERNELS="6.12 7.3 uml"
	selftests/bench/datapath $(KERNELS)

bench-tunnel: ## a TCP flow over pairs of uplinks against its bars; FULL=1
	FULL=$(FULL) selftests/bench/tunnel

install: modules ## install the modules into this host
	$(MAKE) -C $(KDIR) M=$(CURDIR)/net/tquic modules_install
	$(MAKE) -C $(KDIR) M=$(CURDIR)/net/netfilter/tquic_nf modules_install
	depmod

# What DKMS needs and nothing else; tracked files only, so that no object of
# another kernel comes along.
dkms: ## lay the source under DESTDIR/usr/src; without DESTDIR, dkms builds it
	install -d $(DESTDIR)/usr/src/tquic-$(VERSION)
	git ls-files -z Kconfig net include | \
		tar -c --null -T - | tar -x -C $(DESTDIR)/usr/src/tquic-$(VERSION)
	sed 's/@VERSION@/$(VERSION)/g' debian/dkms.conf.in \
		>$(DESTDIR)/usr/src/tquic-$(VERSION)/dkms.conf
ifeq ($(DESTDIR),)
	dkms install tquic/$(VERSION)
endif

clean: ## remove build/
	rm -rf build
