#!/bin/sh
# Makes a self-signed certificate for development, as `aldis cert make-dev` does, with OpenSSL's command line.
# Usage: certs/make-dev.sh DIRECTORY [NAME...]      (NAME: a domain or an address; default: localhost)
set -eu
if [ $# -lt 1 ] || [ "$1" = --help ]; then
    sed -n '2,3s/^# //p' "$0"
    exit $(( $# < 1 ? 2 : 0 ))
fi
directory=$1
shift
[ $# -gt 0 ] || set -- localhost

first=$1
names=
for name; do
    case $name in
        *[!0-9.]*) case $name in *:*) kind=IP ;; *) kind=DNS ;; esac ;;
        *) kind=IP ;;
    esac
    names=${names:+$names,}$kind:$name
done

umask 077
mkdir -p "$directory"
for file in "$directory/$first.key" "$directory/$first.crt"; do
    if [ -e "$file" ]; then
        echo "$file exists already" >&2
        exit 1
    fi
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256 -nodes -days 365 -subj "/CN=$first" \
    -addext "basicConstraints=critical,CA:FALSE" -addext "keyUsage=critical,digitalSignature" \
    -addext "extendedKeyUsage=serverAuth" -addext "subjectAltName=$names" \
    -keyout "$directory/$first.key" -out "$directory/$first.crt" 2>/dev/null
chmod 644 "$directory/$first.crt"
echo "$directory/$first.crt"
openssl x509 -in "$directory/$first.crt" -noout -fingerprint -sha256
