# `make` alone says what there is.
SHELL := /bin/bash
export JAVA_HOME := $(shell source dev/jdk.sh && find_jdk)
MVN := mvn -B -q
PYTHON := conformance/.venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help check conformance fast serve golden bench format clean jdk

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

jdk:
	@test -n "$(JAVA_HOME)"

check: jdk ## all a reviewer would say first: format, compiler, tests, the real client, taste
	$(MVN) spotless:check
	conformance/python/fetch_model.sh
	conformance/python/make_env.sh
	conformance/python/make_clients.sh
	conformance/python/make_recipes_env.sh
	mvn -B -ntp verify
	$(JAVA_HOME)/bin/java dev/Taste.java

conformance: jdk ## every method, command and recipe of the real client; writes docs/compatibility.md (an hour)
	conformance/python/fetch_model.sh
	conformance/python/make_env.sh
	conformance/python/make_clients.sh
	conformance/python/make_recipes_env.sh
	rm -rf conformance/target/cells conformance/target/stage
	mvn -B -ntp verify -Dconformance.all=true
	$(PYTHON) conformance/python/make_compatibility.py

fast: jdk ## the tests that need no native code
	mvn -B -ntp test -pl protocol,engine,models,server

serve: ## a server on the usual port, data in ./data
	./tinsmith serve

golden: ## makes the golden files anew from transformers and peft
	conformance/python/make_env.sh
	$(PYTHON) conformance/python/make_golden.py
	$(PYTHON) conformance/python/make_losses.py

bench: ## all that is measured, into bench/results/, and docs/benchmarks' plots (half an hour)
	bench/all.sh

format: jdk ## formats every Java file
	$(MVN) spotless:apply

clean: jdk ## forgets what was built
	$(MVN) clean
