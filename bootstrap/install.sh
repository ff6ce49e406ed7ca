#!/bin/bash
# Installs the Switchover agent that /etc/switchover/bootstrap.env names and starts it. Safe to run again.
# Needs root, curl 7.86 or later, tar, gzip, systemd, and the instance's role (s3:GetObject on the agent's tarball).
set -euo pipefail
umask 022

settings=${1:-/etc/switchover/bootstrap.env}
# shellcheck source=/dev/null
. "$settings"
# shellcheck source=/dev/null
[ ! -r /etc/switchover/agent.env ] || . /etc/switchover/agent.env
: "${SWITCHOVER_STORE:?}" "${SWITCHOVER_AGENT_VERSION:?}"

base=/opt/switchover
target=$base/agent-$SWITCHOVER_AGENT_VERSION
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}}

say() { echo "switchover: $*"; }

case $(uname -m) in
  x86_64) arch=x64 sha256=${SWITCHOVER_AGENT_SHA256_X64:-} ;;
  aarch64) arch=arm64 sha256=${SWITCHOVER_AGENT_SHA256_ARM64:-} ;;
  *) say "there is no agent for $(uname -m)"; exit 78 ;;
esac
[ -n "$sha256" ] || { say "the user-data pins no SHA-256 of an agent for $arch"; exit 78; }

# Everything secret reaches curl on its standard input: an argument list can be read by anyone on the machine.
request() { curl --silent --show-error --fail --config - "$@"; }

metadata() {
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" | request --max-time 5 --noproxy '*' "$imds/latest/$1"
}

json() { sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p'; }

fetch() {
  local token region role credentials bucket key url
  token=$(curl --silent --show-error --fail --max-time 5 --noproxy '*' -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/latest/api/token") || return 1
  region=${AWS_REGION:-$(metadata meta-data/placement/region)} || return 1
  role=$(metadata meta-data/iam/security-credentials/) || return 1
  credentials=$(metadata "meta-data/iam/security-credentials/${role%%[[:space:]]*}" | tr '\n' ' ') || return 1

  bucket=${SWITCHOVER_STORE#s3://}
  key=${bucket#"${bucket%%/*}"}
  key=${key#/}
  bucket=${bucket%%/*}
  key=${key:+${key%/}/}agent/$SWITCHOVER_AGENT_VERSION/switchover-agent-linux-$arch.tar.gz
  if [ -n "$endpoint" ]; then
    url=${endpoint%/}/$bucket/$key
  else
    local domain=amazonaws.com
    case $region in cn-*) domain=amazonaws.com.cn ;; esac
    url=https://s3.$region.$domain/$bucket/$key
  fi
  printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\n' \
    "$(json AccessKeyId <<<"$credentials")" "$(json SecretAccessKey <<<"$credentials")" "$(json Token <<<"$credentials")" |
    request --connect-timeout 5 --max-time 300 --aws-sigv4 "aws:amz:$region:s3" --output "$1" "$url"
}

install_agent() {
  local draft=$base/.agent-$SWITCHOVER_AGENT_VERSION tarball=$base/.agent.tar.gz
  mkdir -p "$base"
  fetch "$tarball" || return 1
  if ! echo "$sha256  $tarball" | sha256sum --check --status; then
    say "the tarball of agent $SWITCHOVER_AGENT_VERSION has another SHA-256 than the user-data pins"
    rm -f "$tarball"
    return 1
  fi
  rm -rf "$draft" "$target"
  mkdir "$draft"
  tar -xzf "$tarball" -C "$draft" --no-same-owner || return 1
  echo "$sha256" >"$draft/.sha256"
  mv "$draft" "$target"
  rm -f "$tarball"
}

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
