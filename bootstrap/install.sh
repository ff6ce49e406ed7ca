#!/bin/bash
# Installs the Switchover agent that /etc/switchover/bootstrap.env names and starts it. Safe to run again.
# Needs root, curl 7.87 or later (the first to sign the headers S3 wants signed), tar, gzip, systemd, and the instance's
# role (s3:GetObject on the agent's tarball).
set -euo pipefail
umask 022

settings=${1:-/etc/switchover/bootstrap.env}
# shellcheck source=/dev/null
. "$settings"
# shellcheck source=/dev/null
[ ! -r /etc/switchover/agent.env ] || . /etc/switchover/agent.env

say() { echo "switchover: $*"; }

for name in SWITCHOVER_STORE SWITCHOVER_AGENT_VERSION; do
  [ -n "${!name:-}" ] || { say "$settings names no $name"; exit 78; }
done

curl=$(curl --version | sed -n '1s/^curl \([0-9.]*\).*/\1/p')
printf '7.87\n%s\n' "$curl" | sort --version-sort --check=silent ||
  { say "curl ${curl:-of an unknown version} is too old to sign a request to S3: 7.87 or later is needed"; exit 78; }

base=/opt/switchover
target=$base/agent-$SWITCHOVER_AGENT_VERSION
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}}

case $(uname -m) in
  x86_64) arch=x64 sha256=${SWITCHOVER_AGENT_SHA256_X64:-} ;;
  aarch64) arch=arm64 sha256=${SWITCHOVER_AGENT_SHA256_ARM64:-} ;;
  *) say "there is no agent for $(uname -m)"; exit 78 ;;
esac
[ -n "$sha256" ] || { say "the user-data pins no SHA-256 of an agent for $arch"; exit 78; }

# SHA-256 of no bytes.
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

# Everything secret reaches curl on its standard input: an argument list can be read by anyone on the machine.
request() { curl --silent --show-error --fail --config - "$@"; }

metadata() {
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" | request --max-time 5 --noproxy '*' "$imds/latest/$1"
}

json() { sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p'; }

fetch() {
  local token region role credentials bucket key url
  token=$(curl --silent --show-error --fail --max-time 5 --noproxy '*' -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/latest/api/token") || { say 'the instance metadata service gives no token'; return 1; }
  region=${AWS_REGION:-$(metadata meta-data/placement/region)} || { say 'the instance metadata names no Region'; return 1; }
  role=$(metadata meta-data/iam/security-credentials/) || { say 'the instance has no role yet'; return 1; }
  credentials=$(metadata "meta-data/iam/security-credentials/${role%%[[:space:]]*}" | tr '\n' ' ') ||
    { say "role ${role%%[[:space:]]*} has no credentials yet"; return 1; }

  bucket=${SWITCHOVER_STORE#s3://}
  key=${bucket#"${bucket%%/*}"}
  key=${key#/}
  bucket=${bucket%%/*}
  key=${key:+${key%/}/}agent/${SWITCHOVER_AGENT_VERSION//+/%2B}/switchover-agent-linux-$arch.tar.gz
  if [ -n "$endpoint" ]; then
    url=${endpoint%/}/$bucket/$key
  else
    local domain=amazonaws.com
    case $region in cn-*) domain=amazonaws.com.cn ;; esac
    url=https://s3.$region.$domain/$bucket/$key
  fi
  # S3 wants the hash of the body named and signed, here of none; curl before 8 does not name it by itself.
  printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\nheader = "x-amz-content-sha256: '"$nothing"'"\n' \
    "$(json AccessKeyId <<<"$credentials")" "$(json SecretAccessKey <<<"$credentials")" "$(json Token <<<"$credentials")" |
    request --connect-timeout 5 --max-time 300 --aws-sigv4 "aws:amz:$region:s3" --output "$1" "$url" || { say "$url cannot be fetched with role ${role%%[[:space:]]*}"; return 1; }
}

install_agent() {
  local draft=$base/.agent-$SWITCHOVER_AGENT_VERSION tarball=$base/.agent.tar.gz
  mkdir -p "$base"
  fetch "$tarball" || return 1
  if ! echo "$sha256  $tarball" | sha256sum --check --status; then
    say "the tarball of agent $SWITCHOVER_AGENT_VERSION has another SHA-256 than the user-data pins"
    rm -f "$tarball"
    wrong=$((wrong + 1))
    # Bad bytes may come from the way here; the third time they are the store's.
    [ "$wrong" -lt 3 ] || exit 1
    return 1
  fi
  rm -rf "$draft" "$target"
  mkdir "$draft"
  tar -xzf "$tarball" -C "$draft" --no-same-owner || return 1
  echo "$sha256" >"$draft/.sha256"
  mv "$draft" "$target"
  rm -f "$tarball"
}

wrong=0
# The network, the role's policy and the store may all be late on a new machine.
for try in $(seq 60); do
  [ "$(cat "$target/.sha256" 2>/dev/null)" != "$sha256" ] || break
  install_agent && break
  [ "$try" -lt 60 ] || { say "agent $SWITCHOVER_AGENT_VERSION could not be fetched, giving up"; exit 1; }
  say "agent $SWITCHOVER_AGENT_VERSION is not installed yet (try $try)"
  sleep $((try < 15 ? try * 2 : 30))
done

ln -sfn "$target" "$base/.current"
mv -T "$base/.current" "$base/current"
ln -sfn "$base/current/switchover-agent" /usr/local/bin/switchover-agent
install -m 0644 "$base"/current/systemd/switchover-agent.{service,socket} /etc/systemd/system/
# Enabling reads the units anew. Not waited for: the agent's unit may be ordered after the cloud-init stage this script runs in.
systemctl enable --now --no-block switchover-agent.socket switchover-agent.service
say "agent $SWITCHOVER_AGENT_VERSION is installed"
