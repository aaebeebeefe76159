# certificates: the box trusts the authorities the host trusts. $DEVENV_PAYLOAD is the host's bundle.

if [ ! -s "${DEVENV_PAYLOAD:-}" ] || ! grep -q -- '-----BEGIN CERTIFICATE-----' "$DEVENV_PAYLOAD"; then
  echo "no certificates came from the host: name its bundle in SSL_CERT_FILE there" >&2
  exit 1
fi

# find_store: sets folder, bundle and refresh for this distribution; fails when it has no tool for that yet
find_store() {
  if command -v update-ca-certificates >/dev/null 2>&1; then
    folder=/usr/local/share/ca-certificates bundle=/etc/ssl/certs/ca-certificates.crt refresh=update-ca-certificates
  elif command -v update-ca-trust >/dev/null 2>&1; then
    folder=/etc/pki/ca-trust/source/anchors bundle=/etc/pki/tls/certs/ca-bundle.crt refresh=update-ca-trust
    [ -e "$bundle" ] || bundle=/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
  else
    return 1
  fi
}

if ! find_store; then
  # the package tool itself may need the host's authorities to reach its mirror; the refresh below rewrites this file
  mkdir -p /etc/ssl/certs
  cat "$DEVENV_PAYLOAD" >>/etc/ssl/certs/ca-certificates.crt
  install_packages ca-certificates
  find_store || { echo "this box has neither update-ca-certificates nor update-ca-trust" >&2; exit 1; }
fi

# the distribution's own authorities, without those an earlier run of this step added
own=$(mktemp)
split=$(mktemp -d)
trap 'rm -rf "$own" "$split"' EXIT
find /usr/share/ca-certificates /usr/share/pki/ca-trust-source -type f -exec cat {} + >"$own" 2>/dev/null || true

# one file each, for what the box does not have; a certificate is known by its base64 text, whatever its line length
awk -v folder="$split" '
  { sub(/\r$/, "") }
  /^-----BEGIN CERTIFICATE-----$/ { inside = 1; body = ""; next }
  /^-----END CERTIFICATE-----$/ {
    inside = 0
    if (body == "" || body in seen) next
    seen[body] = 1
    if (FILENAME == ARGV[1]) next
    file = sprintf("%s/%04d.crt", folder, ++count)
    print "-----BEGIN CERTIFICATE-----" >file
    for (i = 1; i <= length(body); i += 64) print substr(body, i, 64) >file
    print "-----END CERTIFICATE-----" >file
    close(file)
    next
  }
  inside { gsub(/[ \t]/, ""); body = body $0 }
' "$own" "$DEVENV_PAYLOAD"

mkdir -p "$folder"
rm -f "$folder"/devenv-*.crt
count=0
for file in "$split"/*.crt; do
  [ -e "$file" ] || continue
  sum=$(sha256sum <"$file")
  cp "$file" "$folder/devenv-$(printf %.16s "$sum").crt"
  count=$((count + 1))
done
chmod 644 "$folder"/devenv-*.crt 2>/dev/null || true
$refresh >/dev/null
echo "the host's authorities this box did not have: $count"

# pip, also inside virtual environments
if [ ! -e /etc/pip.conf ]; then
  printf '[global]\ncert = %s\n' "$bundle" | replace /etc/pip.conf
elif ! grep -q '^[[:space:]]*cert[[:space:]]*[=:]' /etc/pip.conf; then
  awk -v line="cert = $bundle" '
    { print }
    /^[ \t]*\[global\][ \t]*$/ && !done { print line; done = 1 }
    END { if (!done) print "\n[global]\n" line }
  ' /etc/pip.conf | replace /etc/pip.conf
fi

names="SSL_CERT_FILE REQUESTS_CA_BUNDLE PIP_CERT NODE_EXTRA_CA_CERTS GIT_SSL_CAINFO CURL_CA_BUNDLE"
profile() {
  for name in $names; do echo "export $name='$bundle'"; done
}
environment() {
  for name in $names; do echo "$name=\"$bundle\""; done
}
set_variables devenv-certificates
