#!/usr/bin/env bash
# pack.sh PROGRAM FOLDER: writes FOLDER/chartscribe-VERSION-ARCH-avx2.tar.gz and says where it runs,
# as read from the program itself.
set -euo pipefail

program=$1
folder=$2

# newest PREFIX: the newest symbol version the program asks for; nothing where it asks for none.
newest() { objdump -T "$program" | sed -nE "s/.*\b$1_([0-9.]+).*/\1/p" | sort -uV | tail -n 1; }
glibc=$(newest GLIBC)
libstdcxx=$(newest GLIBCXX)
libraries=$(objdump -p "$program" | awk '$1 == "NEEDED" { print $2 }' | sort)
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# glibc and GLIBCXX as each system's own packages have them; all of these have OpenSSL 3.
systems='2.34 3.4.29 Red Hat Enterprise Linux 9 and its rebuilds
2.35 3.4.30 Ubuntu 22.04
2.36 3.4.30 Debian 12
2.39 3.4.33 Ubuntu 24.04
2.39 3.4.33 Red Hat Enterprise Linux 10 and its rebuilds
2.41 3.4.33 Debian 13'

runs_on() {
    echo "This build of chartscribe needs:"
    echo "- a $(uname -m) processor with AVX2, FMA and F16C (Intel from 2013, AMD from 2015)"
    echo "- glibc $glibc or newer${libstdcxx:+, and a libstdc++ with GLIBCXX_$libstdcxx}"
    echo "- these shared libraries:" $libraries
    echo "It runs on these systems and newer ones of their kind:"
    while read -r has_glibc has_libstdcxx name; do
        if at_least "$has_glibc" "$glibc" && at_least "$has_libstdcxx" "${libstdcxx:-0}"; then
            echo "- $name"
        fi
    done <<<"$systems"
}

version=$("$program" --version | awk '{ print $2 }')
name=chartscribe-$version-$(uname -m)-avx2
rm -rf "${folder:?}/$name"
mkdir -p "$folder/$name"
strip -o "$folder/$name/chartscribe" "$program"
cp LICENSE README.md "$folder/$name/"
python3 setup/notices.py >"$folder/$name/NOTICES.txt"
runs_on | tee "$folder/$name/RUNS-ON.txt"
tar -C "$folder" -czf "$folder/$name.tar.gz" "$name"
echo "wrote $folder/$name.tar.gz"
