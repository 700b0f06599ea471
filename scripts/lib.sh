# shellcheck shell=bash
# Shared by the scripts in this folder, which source it. Changes nothing by itself.

# shellcheck disable=SC2034 # The scripts use it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 2; }

# Prints the comment block at the head of the script that was called.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# need COMMAND PACKAGE [COMMAND PACKAGE]...: installs what is missing, or says exactly what to type.
need() {
    local packages=()
    while (($#)); do
        command -v "$1" >/dev/null || [[ " ${packages[*]} " == *" $2 "* ]] || packages+=("$2")
        shift 2
    done
    ((${#packages[@]})) || return 0
    command -v apt-get >/dev/null || die "please install: ${packages[*]}"
    ((EUID == 0)) || die "something is missing; type: sudo apt-get install --no-install-recommends ${packages[*]}"
    say "installing ${packages[*]}"
    if ! system_apt update || ! system_apt install --no-install-recommends "${packages[@]}"; then
        die "apt-get could not install ${packages[*]}; the lines above say why"
    fi
}

# One at a time: `apt-get update` does not wait for another one, it fails.
system_apt() {
    {
        flock -w 600 7 &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >/dev/null 7>&-
    } 7</var/lib/apt
}

# Debian's address as this machine's own apt knows it, so that mirrors and proxies are kept.
debian_archive() {
    # The names in $(…) are apt's, not the shell's.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(CREATED_BY) $(LABEL) $(COMPONENT) $(REPO_URI)' |
        awk '$1 == "Packages" && $2 == "Debian" && $3 == "main" { print $4; exit }'
}

# mysql_root: prints the folder of an unpacked MySQL, which it fetches first if need be. Debian 12 has no MySQL, so it
# comes from Debian sid with all its libraries, beside the system and not into it: it takes no root, and starts no service.
mysql_root() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/uturn uri work
    if [[ ! -d $cache/mysql ]]; then
        mkdir -p "$cache" || die "cannot write to $cache; set XDG_CACHE_HOME to a folder that can be written"
        exec 8>"$cache/mysql.lock"
        flock -w 600 8 || die "another process holds $cache/mysql.lock"
        if [[ ! -d $cache/mysql ]]; then
            command -v apt-get >/dev/null || die "MySQL is fetched with apt-get, which is not here"
            uri=$(debian_archive)
            if [[ -z $uri && $EUID == 0 ]]; then
                system_apt update
                uri=$(debian_archive)
            fi
            [[ $uri ]] || die "apt knows no Debian archive to fetch MySQL from; on Debian, type: sudo apt-get update"
            say "fetching MySQL into $cache/mysql"
            rm -rf "$cache"/mysql.new.*
            work=$(mktemp -d "$cache/mysql.new.XXXXXX")
            fetch_mysql "$uri" "$work" >&2 8>&- || die "could not fetch MySQL; the last lines above say why"
            mv "$work/root" "$cache/mysql"
            rm -rf "$work"
        fi
        exec 8>&-
    fi
    printf '%s\n' "$cache/mysql"
}

# from_mysql PROGRAM: sets `program`, the words that run one of the unpacked MySQL with its own libraries, and `mysql`, its
# folder.
from_mysql() {
    local lib
    mysql=$(mysql_root)
    lib=$(dirname "$(find "$mysql/usr/lib" -name libc.so.6 -print -quit)")
    program=("$lib"/ld-linux*.so.* --library-path "$lib" "$mysql/usr/$1")
}

# fetch_mysql URI WORK: apt with folders of its own and nothing installed in them, so that it fetches every library too.
fetch_mysql() {
    local uri=$1 work=$2 key=/usr/share/keyrings/debian-archive-keyring.gpg options=
    [[ -e $key ]] && options="[signed-by=$key]"
    mkdir -p "$work"/{root,state,lists/partial,cache/archives/partial} &&
        touch "$work/status" &&
        echo "deb $options $uri sid main" >"$work/sources.list" &&
        cat >"$work/apt.conf" <<END &&
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$work/state";
Dir::State::Lists "$work/lists";
Dir::State::Status "$work/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
#clear APT::Update::Post-Invoke;
#clear DPkg::Post-Invoke;
END
        apt-get -qq -c "$work/apt.conf" update &&
        apt-get -qq -c "$work/apt.conf" --download-only install mysql-server-core mysql-client-core >/dev/null &&
        find "$work/cache/archives" -name '*.deb' -print0 | xargs -0 -P 4 -I {} dpkg-deb -x {} "$work/root"
}

# Prints the folder of MariaDB's plugins (ed25519 accounts, METADATA_LOCK_INFO), which Debian ships in the package with the
# service. That is not installed, so that no service starts: the package of the same version is fetched and unpacked.
mariadb_plugins() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/uturn version folder work
    version=$(dpkg-query -W -f '${Version}' mariadb-server-core)
    folder=$cache/mariadb-plugins-${version//[^0-9A-Za-z.+-]/_}
    if [[ ! -d $folder ]]; then
        mkdir -p "$cache" || die "cannot write to $cache; set XDG_CACHE_HOME to a folder that can be written"
        work=$(mktemp -d "$cache/plugins.new.XXXXXX")
        say "fetching MariaDB's plugins into $folder"
        (cd "$work" && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "mariadb-server=$version" >&2 &&
            dpkg-deb -x mariadb-server_*.deb root) ||
            die "could not fetch MariaDB's plugins; the lines above say why"
        mv -T "$work/root/usr/lib/mysql/plugin" "$folder" || [[ -d $folder ]]
        rm -rf "$work"
    fi
    printf '%s\n' "$folder"
}

# Prints the library that makes a MariaDB server a node of a Galera cluster: its package is fetched and unpacked, as the
# plugins are.
galera_library() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/uturn folder work
    folder=$cache/galera-4
    if [[ ! -d $folder ]]; then
        mkdir -p "$cache" || die "cannot write to $cache; set XDG_CACHE_HOME to a folder that can be written"
        work=$(mktemp -d "$cache/galera.new.XXXXXX")
        say "fetching Galera into $folder"
        (cd "$work" && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download galera-4 >&2 && dpkg-deb -x galera-4_*.deb root) ||
            die "could not fetch Galera; the lines above say why"
        mv -T "$work/root/usr/lib" "$folder" || [[ -d $folder ]]
        rm -rf "$work"
    fi
    printf '%s\n' "$folder/galera/libgalera_smm.so"
}

# Rust is not installed behind the user's back.
need_rust() {
    command -v cargo >/dev/null || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    command -v cargo >/dev/null || die "cargo is not there; install Rust with rustup, and type this again"
    need cc build-essential
}

# Builds the binary anew if anything changed, unless UTURN_BIN names one.
build_uturn() {
    [[ ! ${UTURN_BIN-} ]] || return 0
    need_rust
    cargo build --release --locked --manifest-path "$root/Cargo.toml"
}

# Prints the binary to use: UTURN_BIN, else the one built here, else the one on PATH.
uturn_binary() {
    local built=${CARGO_TARGET_DIR:-$root/target}/release/uturn
    if [[ ${UTURN_BIN-} ]]; then
        command -v "$UTURN_BIN" || die "UTURN_BIN names no program: $UTURN_BIN"
    elif [[ -x $built ]]; then
        printf '%s\n' "$built"
    else
        command -v uturn || die "there is no uturn yet; type: cargo build --release --locked (or name one in UTURN_BIN)"
    fi
}

# Exports what `.env` (or UTURN_ENV_FILE) sets and the environment does not. uturn, started later, takes it from the
# environment, so that it and the script cannot understand the file in two ways.
load_settings() {
    local file=${UTURN_ENV_FILE:-.env} line number=0 name value
    local assignment='^[[:space:]]*(export[[:space:]]+)?(DATABASE_URL|DB_[A-Z_]+|UTURN_[A-Z_]+)[[:space:]]*=[[:space:]]*(.*)$'
    local quoted="^('([^']*)'|\"([^\"]*)\")[[:space:]]*(#.*)?$"
    [[ -e $file || ${UTURN_ENV_FILE-} ]] || return 0
    [[ -r $file ]] || die "cannot read the settings file $file"
    while IFS= read -r line || [[ $line ]]; do
        number=$((number + 1))
        line=${line%$'\r'}
        [[ $line =~ $assignment ]] || continue
        name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        if [[ $value =~ $quoted ]]; then
            value=${BASH_REMATCH[2]}${BASH_REMATCH[3]}
            [[ ${BASH_REMATCH[1]} != '"'*[\$\\]* ]] || die "$file:$number: put the value of $name into single quotes"
        else
            value=${value%%[[:space:]]#*}
            value=${value%"${value##*[![:space:]]}"}
            [[ $value != *[\$\\\'\"\ ]* ]] || die "$file:$number: put the value of $name into single quotes"
        fi
        [[ -v $name ]] || export "$name=$value"
    done <"$file"
}

is_configured() { [[ ${DATABASE_URL-}${DB_HOST-}${DB_NAME-}${DB_SOCKET-} ]]; }
