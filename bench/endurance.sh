#!/usr/bin/env bash
# Many steps of a small run on one server: `bench/endurance.sh [STEPS]`. Memory and speed at every twentieth part of them.
# Prints what it finds.
source "$(dirname "$0")/setting.sh"
start_server --model tiny=conformance/golden/bf16/checkpoint
head_of "Many steps of a small run: a model of two layers, 2 x 12 tokens a step, by the real client"
echo
$python bench/endurance.py tiny "$server" "${1:-10000}" 288
echo
load
