#!/usr/bin/env bash
# Several tenants of one server, at once and one after another: `bench/tenants.sh [ROUNDS]`. Prints what it finds.
source "$(dirname "$0")/setting.sh"
start_server
head_of "Tenants of one server, through the real client: SmolLM2-135M"
echo
$python bench/tenants.py "$model" "${1:-3}"
echo
load
