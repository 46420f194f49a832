#!/usr/bin/env bash
# Makes conformance/.venv, where the official client and the reference run. Does nothing if it is
# there and the requirements are those it was made from. `client` as an argument leaves PyTorch out.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-all}
requirements=(requirements.txt)
[[ $what == client ]] || requirements+=(requirements-reference.txt)
wanted=$(cat "${requirements[@]}" python/make_env.sh | sha256sum | cut -d' ' -f1)
stamp=.venv/made-from
[[ -f $stamp && $(<"$stamp") == "$wanted" ]] && exit 0

python=${PYTHON3:-python3}
if ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "make_env.sh: Python 3.11 or newer with its venv module is needed (Debian: python3-venv)" >&2
    exit 69
fi
echo "making conformance/.venv (about a gigabyte to download; a minute or two) …" >&2
"$python" -m venv --clear .venv
for file in "${requirements[@]}"; do
    .venv/bin/pip install -q --no-deps --disable-pip-version-check -r "$file"
done

# PyTorch for x86-64 is linked against all of CUDA, and calls none of it where there is no GPU. Names
# in the place of its large libraries satisfy the loader, as long as it binds functions at their first
# call.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
if [[ -d $site/nvidia/cu13/lib ]]; then
    for library in cublas.so.13 cublasLt.so.13 cudnn.so.9 cufft.so.12 cusparse.so.12 cusparseLt.so.0 nccl.so.2 nvrtc.so.13; do
        ln -sf ../../../torch/lib/libtorch_global_deps.so "$site/nvidia/cu13/lib/lib$library"
    done
    echo 'import os, sys; sys.setdlopenflags(os.RTLD_LAZY)' >"$site/bind_lazily.pth"
fi
[[ $what == client ]] || .venv/bin/python -c 'import torch, peft, transformers, tinker'
echo "$wanted" >"$stamp"
