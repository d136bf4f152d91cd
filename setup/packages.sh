#!/usr/bin/env bash
# Installs the system packages that building ("build") or testing ("test") needs and that are
# missing; says nothing when none is. On systems without apt-get it names them and stops.
set -euo pipefail

missing=()
# need PACKAGE CHECK...: the Debian package that brings what CHECK looks for.
need() { local package=$1; shift; "$@" >/dev/null 2>&1 || missing+=("$package"); }
any_of() { local name; for name; do command -v "$name" && return; done; return 1; }
alsa_plugin() { compgen -G "/usr/lib*/*/alsa-lib/libasound_module_pcm_pulse.so" \
    || compgen -G "/usr/lib*/alsa-lib/libasound_module_pcm_pulse.so"; }

# Ubuntu has Chromium under the older name, as a snap.
chromium=chromium
if grep -qs '^ID=ubuntu' /etc/os-release; then chromium=chromium-browser; fi

for what; do
    case $what in
        build)
            need cargo command -v cargo
            need cmake command -v cmake
            need g++ command -v g++
            need pkg-config command -v pkg-config
            need libssl-dev pkg-config --exists openssl
            need libasound2-dev pkg-config --exists alsa
            need python3 command -v python3
            need python3-pip python3 -c 'import importlib.util as u; assert u.find_spec("pip")'
            need python3-venv python3 -c 'import ensurepip'
            ;;
        test)
            need "$chromium" any_of chromium chromium-browser google-chrome
            need fonts-dejavu-core compgen -G '/usr/share/fonts/*/*/*.[to]tf'
            need pulseaudio command -v pulseaudio
            need pulseaudio-utils command -v pactl
            need libasound2-plugins alsa_plugin
            need iproute2 command -v ip
            ;;
        *) echo "setup: unknown need: $what" >&2; exit 2 ;;
    esac
done

[ ${#missing[@]} -gt 0 ] || exit 0
if [ "${missing[0]}" = cargo ]; then
    echo "setup: no Rust toolchain here; install Rust 1.92 or newer, then run make again" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "setup: this is neither Debian nor Ubuntu; install what these packages of Debian bring," >&2
    echo "then run make again: ${missing[*]}" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then as_root=(); elif command -v sudo >/dev/null; then as_root=(sudo); else
    echo "setup: installing needs root or sudo; as root run: apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "setup: installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
