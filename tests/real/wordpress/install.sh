#!/bin/sh
# Debian's PHP, the program of its MariaDB server, and the files of its package wordpress. That package is only unpacked,
# because installing it brings Apache, which starts by itself. Without root, what apt would have to install stays missing.
set -eu
unpacked=.venv/real/wordpress
missing=
php -m 2>/dev/null | grep -qx mysqli || missing="php-cli php-mysql"
[ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server-core"
[ -f /usr/share/wordpress/wp-load.php ] || [ -f "$unpacked/usr/share/wordpress/wp-load.php" ] || wordpress=missing
if [ -z "$missing${wordpress:-}" ]; then exit 0; fi

root=
if [ "$(id -u)" -ne 0 ]; then root="sudo -n"; fi
if ! $root true 2>/dev/null; then echo "WordPress: without root, apt installs nothing."; exit 0; fi
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
if [ -n "$missing" ]; then
    echo "WordPress: installing $missing"
    # shellcheck disable=SC2086 # several words
    $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
if [ -n "${wordpress:-}" ]; then
    echo "WordPress: unpacking wordpress"
    mkdir -p "$unpacked"
    (cd "$unpacked" && apt-get -o APT::Sandbox::User=root download -qq wordpress && dpkg-deb -x wordpress_*.deb . && rm wordpress_*.deb)
fi
