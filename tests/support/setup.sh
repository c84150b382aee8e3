# setup.sh: what ./quickstart and ./check have in common. Sourced, with $top as the source tree.
# shellcheck shell=sh

say() {
    printf '== %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

packages_run='nginx-light spawn-fcgi multiwatch fcgiwrap curl util-linux uidmap
    python3 python3-numpy python3-pandas python3-matplotlib'
packages_build='gcc make autoconf automake pkg-config npm
    libfcgi-dev libjansson-dev libseccomp-dev libconfuse-dev libutf8proc-dev libcmocka-dev libcurl4-openssl-dev'
packages_check='clang libclang-rt-14-dev clang-format bubblewrap python3-pytest python3-pytest-xdist python3-jsonschema
    pyflakes3 mandoc bash-completion apparmor xz-utils nodejs ruby lua5.4 perl g++ openssl iproute2 docker.io runc prometheus
    debhelper dpkg-dev fakeroot mmdebstrap rpm rpmlint systemd systemd-container
    chromium chromium-driver fonts-dejavu-core'

# tests/packages/run alone.
packages_packages='autopkgtest debhelper dpkg-dev fakeroot lintian mmdebstrap piuparts systemd systemd-container'

policy_rc=/usr/sbin/policy-rc.d

missing_packages() {
    for package; do
        # npm comes with Node.js from elsewhere, too; Debian's brings some 300 packages.
        [ "$package" != npm ] || ! command -v npm >/dev/null || continue
        # So may Node.js; runtimes.d/node.conf wants it at this place, whoever put it there.
        [ "$package" != nodejs ] || [ ! -x /usr/bin/node ] || continue
        # These come from their makers, too; Debian's would push those out.
        case $package in
        nginx-light) [ ! -x /usr/sbin/nginx ] || continue ;;
        docker.io) [ ! -x /usr/bin/dockerd ] || continue ;;
        runc) [ ! -x /usr/bin/runc ] || continue ;;
        esac
        status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :)
        case $status in
        *' installed') ;;
        *) printf ' %s' "$package" ;;
        esac
    done
}

# Debian starts the services that it installs; ours are started by us, on loopback. What forbids it goes whatever happens: left
# behind it would keep every service that is installed later from starting. Nothing is removed for what we want.
install_packages() {
    policy=
    apt_log=$(mktemp)
    trap '[ -z "$policy" ] || $as_root rm -f "$policy"; rm -f "$apt_log"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    [ -e "$policy_rc" ] || {
        policy=$policy_rc
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod 755 "$policy"
    }
    # shellcheck disable=SC2086
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-remove --no-install-recommends $missing; } >"$apt_log" 2>&1 || {
        cat "$apt_log" >&2
        exit 1
    }
}

# need_packages NAME...: installs those that are missing; without a way to do so, says which.
need_packages() {
    command -v dpkg-query >/dev/null || {
        say "this is not Debian: hoping that these are there by other names: $*"
        return 0
    }
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || {
        say "packages: all $# are installed"
        return 0
    }
    say "packages: installing$missing"
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=sudo
    else
        die "these packages are missing, and neither root nor sudo is at hand; ask for:
    apt-get install --no-install-recommends$missing"
    fi
    # A shell of its own, for its traps: whoever sources this has others.
    (install_packages) || die "apt-get could not install$missing; what is installed was left as it is"
    case $missing in
    *nginx* | *fcgiwrap* | *prometheus* | *docker*)
        say "packages: Debian's own services (nginx, fcgiwrap, Docker, Prometheus) were not started, but are enabled"
        ;;
    esac
}

# Sets $build: $SANDGATE_BUILD, or _build in the source tree, or where this user may write if that is another's.
choose_build() {
    build=${SANDGATE_BUILD:-$top/_build}
    if ! mkdir -p "$build" 2>/dev/null || [ ! -w "$build" ]; then
        [ -z "${SANDGATE_BUILD:-}" ] || die "cannot write to $SANDGATE_BUILD (SANDGATE_BUILD)"
        build=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/sandgate
        mkdir -p "$build" 2>/dev/null || build=${TMPDIR:-/tmp}/sandgate-build-$(id -u)
        mkdir -p "$build" && [ -O "$build" ] || die "no place to build in: set SANDGATE_BUILD to a directory of yours"
    fi
    build=$(cd "$build" && pwd -P)
}

# Sets $source: this tree; or, when we may not write to it (./bootstrap makes files in it), a copy.
choose_source() {
    source=$top
    [ -w "$top" ] || {
        source=$build/source
        say "source: $top is not ours to write to, building from a copy in $source"
        mkdir -p "$source"
        tar -C "$top" --exclude=./_build --exclude=./.git -cf - . | tar -C "$source" -xf -
    }
    # Newer: what configure and Makefile.in are made from.
    if [ ! -x "$source/configure" ] || [ ! -e "$source/Makefile.in" ] ||
        [ -n "$(cd "$source" && find configure.ac Makefile.am m4 core fcgi nginx-conf packaging tests \
            \( -name '*.am' -o -name '*.ac' -o -name '*.m4' -o -name package-lock.json \) -newer Makefile.in 2>/dev/null | head -n 1)" ]; then
        say "source: ./bootstrap"
        quietly "$source/bootstrap"
    fi
}

# quietly COMMAND...: its output only when it fails.
quietly() {
    quiet_log=$build/quietly.$$
    "$@" >"$quiet_log" 2>&1 || {
        tail -n 60 "$quiet_log" >&2
        rm -f "$quiet_log"
        die "failed: $*"
    }
    rm -f "$quiet_log"
}

# configure_tree NAME ARGUMENT...: $build/NAME, configured anew when the arguments or configure have changed.
configure_tree() {
    tree=$build/$1
    shift
    mkdir -p "$tree"
    if [ ! -e "$tree/Makefile" ] || [ "$source/configure" -nt "$tree/config.status" ] ||
        [ "$(cat "$tree/.arguments" 2>/dev/null)" != "$source $*" ]; then
        say "configure: $tree ($*)"
        (cd "$tree" && quietly "$source/configure" "$@")
        printf '%s\n' "$source $*" >"$tree/.arguments"
    fi
}

# Sets $tools: what tests check with (tests/tools), as its package-lock.json says and no other; nothing of it is executed
# while it is fetched. Fetched once.
fetch_tools() {
    tools=$build/tools
    tools_lock=$(sha256sum "$top/tests/tools/package-lock.json" | cut -d' ' -f1)
    [ "$(cat "$tools/.fetched" 2>/dev/null)" != "$tools_lock" ] || return 0
    say "tools: fetching what tests/tools/package-lock.json names"
    rm -rf "$tools"
    mkdir -p "$tools"
    cp "$top/tests/tools/package.json" "$top/tests/tools/package-lock.json" "$tools"
    (cd "$tools" && quietly npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    printf '%s\n' "$tools_lock" >"$tools/.fetched"
}

# One build in a tree at a time; the lock goes before anything is started that lives on.
lock_build() {
    exec 9>"$build/.lock"
    flock 9 2>/dev/null || :
}

unlock_build() {
    exec 9>&-
}

cores() {
    nproc 2>/dev/null || echo 2
}
